"""Accounts: whom a key belongs to, and making, rotating, joining and revoking keys, all or nothing."""

from dataclasses import replace

from mediajobs.api_key import ApiKey, Principal
from mediajobs.errors import Conflict, FieldError, Forbidden, InvalidRequest, NotFound
from mediajobs.identifier import new_id
from mediajobs.organization import MAX_ORGANIZATIONS, Role
from mediajobs.store import membership, organization, stored_key
from mediajobs.store.membership import Membership
from mediajobs.store.organization import Organization
from mediajobs.store.stored_key import StoredKey
from mediajobs.store.write import ConditionFailed, Put, Update, transact
from mediajobs.timestamp import SECOND

#: How long a process believes what it read of a key: a revoked key is refused within a minute, the lag of the
#: read included. By the clock on the wall, as the other one may stand still while Lambda freezes the process.
CACHE_LIFE = 55 * SECOND

_cache: dict[str, tuple[int, StoredKey]] = {}


def principal(key: ApiKey, at: int) -> Principal | None:
    """Whom a key belongs to, if it is valid at that time (milliseconds). One read a minute."""
    stored = _known_of_late(key.id, at)
    if stored is None or not key.matches(stored.digest):
        return None
    return _caller(stored, at)


def bearer(key_id: str, at: int) -> Principal | None:
    """Whom a key belongs to that an access token was made with, if the key is valid still."""
    stored = _known_of_late(key_id, at)
    return None if stored is None else _caller(stored, at)


def create_organization(name: str, admin_user: str, *, at: int, by: str) -> tuple[Organization, ApiKey]:
    """Make an organization with its first ADMIN key, which is nowhere to be read again. Raises Conflict if
    the name is taken."""
    key = ApiKey.new()
    while True:
        made = Organization(
            id=new_id(at),
            name=name,
            number=organization.last_number() + 1,
            created=at,
            admins=frozenset({key.id}),
        )
        stored = StoredKey(id=key.id, digest=key.digest, user=admin_user, roles={made.id: Role.ADMIN})
        try:
            transact([*organization.creation(made), *_rows(stored, stored.memberships(created=at, by=by))])
        except ConditionFailed as error:
            if error.failed[0]:
                raise Conflict("There is an organization of this name") from None
            continue
        return made, key


def create_key(
    organization_id: str,
    role: Role,
    *,
    user: str,
    by: str,
    at: int,
    expires: int | None = None,
    invitation: bool = False,
) -> tuple[ApiKey, Membership]:
    """Make a key, which is nowhere to be read again; an invitation can only let another key join."""
    key = ApiKey.new()
    stored = StoredKey(
        id=key.id,
        digest=key.digest,
        user=user,
        roles={organization_id: role},
        expires=expires,
        invitation=invitation,
    )
    members = stored.memberships(created=at, by=by)
    while True:
        admins = [
            organization.change_of_admins(organization_id, new={key.id})
            for member in members
            if member.is_lasting_admin
        ]
        try:
            transact([*_rows(stored, members), *admins])
        except ConditionFailed:
            continue
        return key, members[0]


def rotate(caller: Principal, key_id: str, *, at: int, overlap: int) -> tuple[ApiKey, Membership]:
    """Make a key of the same user, roles and expiry; the old one stays valid for `overlap` milliseconds.

    Raises NotFound, Conflict, and Forbidden unless the caller is an ADMIN wherever the key has a role.
    """
    while True:
        old = _known(caller.organization, key_id)
        if caller.organization not in old.roles or not old.is_valid(at) or old.invitation:
            raise Conflict("The key is revoked, has expired or is an invitation: make a new one")
        if old.replaced_by is not None:
            raise Conflict(f"The key has been rotated already, to {old.replaced_by}")
        if any(caller.roles.get(each) is not Role.ADMIN for each in old.roles):
            raise Forbidden("The key has roles in other organizations too, where you are not ADMIN")
        key = ApiKey.new()
        new = replace(old, id=key.id, digest=key.digest, version=1)
        members = new.memberships(created=at, by=caller.key_id)
        end = at + overlap if old.expires is None else min(old.expires, at + overlap)
        retired = {"expires": end, "replaced_by": key.id}
        changes = [
            stored_key.change(old, **retired),
            *(membership.change(each, key_id, **retired) for each in old.roles),
            *_rows(new, members),
            *(
                organization.change_of_admins(member.organization, new={key.id}, gone={key_id})
                for member in members
                if member.is_lasting_admin
            ),
        ]
        try:
            transact(changes)
        except ConditionFailed:
            continue
        _cache.pop(key_id, None)
        return key, next(each for each in members if each.organization == caller.organization)


def revoke(organization_id: str, key_id: str, *, at: int) -> None:
    """Take the key's role in an organization; a key without any is no key. Again does nothing.

    Raises NotFound, and Conflict for the last ADMIN key that does not expire.
    """
    while True:
        key = _known(organization_id, key_id)
        member = membership.find(organization_id, key_id)
        if organization_id not in key.roles or member is None:
            return
        roles = {each: role for each, role in key.roles.items() if each != organization_id}
        changes = [
            stored_key.change(key, roles=roles),
            membership.change(organization_id, key_id, revoked=at),
        ]
        if member.is_lasting_admin:
            changes.append(organization.change_of_admins(organization_id, gone={key_id}))
        try:
            transact(changes)
        except ConditionFailed:
            continue
        _cache.pop(key_id, None)
        return


def join(caller: Principal, invitation: ApiKey | None, *, at: int) -> Membership:
    """Give the caller's key the role of an invitation, which is used up by it.

    Raises InvalidRequest for an invitation that cannot be used, and Conflict.
    """
    while True:
        found = invitation and stored_key.find(invitation.id)
        if not (
            invitation
            and found
            and found.invitation
            and invitation.matches(found.digest)
            and found.is_valid(at)
        ):
            rule = "an invitation that is neither used nor revoked nor expired"
            raise InvalidRequest("The invitation cannot be used", fields=[FieldError("/invitation", rule)])
        ((organization_id, role),) = found.roles.items()
        key = stored_key.find(caller.key_id)
        if key is None or not key.is_valid(at) or key.replaced_by is not None:
            raise Conflict("The key has been replaced: join with the new one")
        if organization_id in key.roles:
            raise Conflict("The key has a role in this organization already")
        if len(key.roles) >= MAX_ORGANIZATIONS:
            raise Conflict(f"A key can have roles in {MAX_ORGANIZATIONS} organizations")
        invited = membership.find(organization_id, found.id)
        by = invited.created_by if invited else found.id
        (member,) = replace(key, roles={organization_id: role}).memberships(created=at, by=by)
        changes: list[Put | Update] = [
            stored_key.change(key, roles={**key.roles, organization_id: role}),
            stored_key.change(found, roles={}, replaced_by=key.id),
            membership.change(organization_id, found.id, revoked=at, replaced_by=key.id),
            membership.creation(member),
        ]
        if member.is_lasting_admin:
            changes.append(organization.change_of_admins(organization_id, new={key.id}))
        try:
            transact(changes)
        except ConditionFailed:
            continue
        _cache.pop(caller.key_id, None)
        return member


def _known_of_late(key_id: str, at: int) -> StoredKey | None:
    read_at, stored = _cache.get(key_id, (0, None))
    if stored is None or not 0 <= at - read_at <= CACHE_LIFE:
        stored = stored_key.find(key_id, consistent=False)
        if stored is not None:
            _cache[key_id] = at, stored
    return stored


def _caller(stored: StoredKey, at: int) -> Principal | None:
    if not stored.is_valid(at) or stored.invitation:
        return None
    return Principal(stored.id, stored.user, stored.roles)


def _known(organization_id: str, key_id: str) -> StoredKey:
    """The row of a key that has, or had, a role in the organization. Raises NotFound."""
    member = membership.find(organization_id, key_id)
    key = stored_key.find(key_id) if member else None
    if key is None:
        raise NotFound("There is no such key")
    return key


def _rows(key: StoredKey, members: list[Membership]) -> list[Put | Update]:
    return [stored_key.creation(key), *map(membership.creation, members)]

"""Mutants that are no different: by their names, each with the reason why no test could tell."""

_NUMBERED = "the row that counts is written in the same transaction, and refuses before this one could"
_FRESH = "its key is an id that was just drawn, and AWS knows a transaction that is sent twice by its token"

EQUAL: dict[str, str] = {
    **dict.fromkeys(
        (
            'store.bundle.create: Put( { "pk": key, "sk": f"BUNDLE#{made.id}", **{field: getattr(made...'
            " over what is there",
            'store.decision._decide: Put({"pk": key, "sk": f"EVENT#{event.sequence:06d}", "ttl": ttl, **...'
            " over what is there",
            'store.job.submit: Put({"pk": key, "sk": "SPEC", "ttl": ttl, "replay": replay and repl...'
            " over what is there",
            'store.job.submit: Put({"pk": key, "sk": "EVENT#000001", "ttl": ttl, **first.to_row()})'
            " over what is there",
            'store.job.submit: Put({"pk": key, "sk": "CREDENTIALS", "ttl": ttl, "sealed": dict(cre...'
            " over what is there",
        ),
        _NUMBERED,
    ),
    **dict.fromkeys(
        (
            'store.job.submit: Put({"pk": key, "sk": "JOB", **_row(job)}) over what is there',
            'store.organization.creation: Put({"pk": organization_key(made.id), "sk": "ORGANIZATION", **row})'
            " over what is there",
            'store.stored_key.creation: Put({"pk": api_key_key(made.id), "sk": "KEY", **row})'
            " over what is there",
        ),
        _FRESH,
    ),
}

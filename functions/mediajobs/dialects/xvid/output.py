"""An output of a vendor's job: how its file is made, and the pictures of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediajobs.bit_rate import bits
from mediajobs.dialects.xvid import words
from mediajobs.dialects.xvid.field import bad, entries, filled, mapping, number
from mediajobs.dialects.xvid.place import shown

_VIDEO = {
    "width": "width",
    "height": "height",
    "rotate": "rotate",
    "framerate": "frame_rate",
    "bitrate": "bit_rate",
    "aspect_ratio": "aspect_ratio",
}
_AUDIO = {"bitrate": "bit_rate", "samplingrate": "sample_rate", "channels": "channels"}

#: A preset's id → its rendition (as media:transcode takes it); None for one that is not known.
Presets = Callable[[str], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Output:
    """One output: its file's whole name in the job, and how it is made."""

    name: str
    rendition: dict[str, Any]
    max_duration: float | None
    thumbnails: Sequence[tuple[str, tuple[int, int]]]
    logos: Sequence[tuple[str, Mapping[str, Any]]]
    kept: Mapping[str, Any]

    @classmethod
    def of(
        cls, output: Any, pointer: str, prefix: str, known: Mapping[str, str], presets: Presets
    ) -> "Output":
        output = mapping(output, pointer)
        preset = mapping(output.get("preset", {"id": output.get("preset_id")}), f"{pointer}/preset").get("id")
        base = presets(preset) if isinstance(preset, str) else None
        if base is None:
            raise bad(f"{pointer}/preset/id", "there is no such preset; GET /v1/presets/ lists them")
        settings = mapping(output.get("settings") or {}, f"{pointer}/settings")
        stem = filled(output.get("output_name"), known, f"{pointer}/output_name")
        if not stem:
            raise bad(f"{pointer}/output_name", "a name is required")
        ending = f".{words.container_of(base)}"
        name = prefix + stem + ("" if stem.endswith(ending) else ending)
        rendition = {**base, "output": name}
        for part, fields in (("video", _VIDEO), ("audio", _AUDIO)):
            own = _own(mapping(settings.get(part) or {}, f"{pointer}/settings/{part}"), fields)
            if own:
                rendition[part] = _merged(base.get(part), own, f"{pointer}/settings/{part}")
        thumbnails = [
            _thumbnail(each, f"{pointer}/thumbnails/{number}")
            for number, each in enumerate(entries(output.get("thumbnails"), f"{pointer}/thumbnails"))
        ]
        logos = [
            _logo(each, f"{pointer}/logos/{number}")
            for number, each in enumerate(entries(output.get("logos"), f"{pointer}/logos"))
        ]
        if (thumbnails or logos) and not rendition.get("video"):
            raise bad(pointer, "thumbnails and logos need a preset with a picture")
        kept = {**shown(output), "output_name": stem, "preset": {"id": preset}}
        return cls(name, rendition, settings.get("max_duration"), thumbnails, logos, kept)

    def pictures(self, prefix: str, taken: set[str]) -> list[dict[str, Any]]:
        """What media:thumbnails is to do: pictures for each entry, and those of the first in an archive."""
        wanted = [(name, size, "files") for name, size in self.thumbnails]
        if wanted:
            stem = self.name.removeprefix(prefix).replace(".", "_")
            wanted.append((f"thumbnails_{stem}", wanted[0][1], "zip"))
        made = []
        for name, (width, height), delivery in wanted:
            whole = prefix + name
            number = 2
            while whole in taken:
                whole, number = f"{prefix}{name}_{number}", number + 1
            taken.add(whole)
            made.append(
                {
                    "input": self.name,
                    "count": words.THUMBNAIL_COUNT,
                    "width": width,
                    "height": height,
                    "mode": "pad",
                    "name": whole,
                    "delivery": delivery,
                }
            )
        return made


def _own(part: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """What a part of the settings says, in our words; bit rates are in kbit/s or in percent there."""
    own = {ours: number(part[theirs]) for theirs, ours in fields.items() if part.get(theirs) is not None}
    if "bit_rate" in own:
        own["bit_rate"] = bits(own["bit_rate"])
    if isinstance(shape := own.get("aspect_ratio"), int | float):
        own["aspect_ratio"] = f"{shape}:1"
    return own


def _merged(base: Any, own: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """A preset's picture or sound with what the settings say."""
    if not isinstance(base, Mapping):
        raise bad(pointer, "the preset has no such part")
    gone = {"crf", "max_bit_rate"} if "bit_rate" in own else set()
    return {**{name: value for name, value in base.items() if name not in gone}, **own}


def _thumbnail(entry: Any, pointer: str) -> tuple[str, tuple[int, int]]:
    entry = mapping(entry, pointer)
    size = words.THUMBNAILS.get(str(entry.get("thumbnail_preset", "thumbnails_small")))
    if size is None:
        raise bad(f"{pointer}/thumbnail_preset", f"one of: {', '.join(words.THUMBNAILS)}")
    known = {"resolution": f"{size[0]}x{size[1]}"}
    return filled(
        entry.get("thumbnail_names", "thumb_{resolution}"), known, f"{pointer}/thumbnail_names"
    ), size


def _logo(entry: Any, pointer: str) -> tuple[str, Mapping[str, Any]]:
    entry = mapping(entry, pointer)
    image, preset = entry.get("logo_image"), entry.get("logo_preset")
    if not isinstance(image, str) or not image:
        raise bad(f"{pointer}/logo_image", "a URI or a name is required")
    fields = words.logo(preset) if isinstance(preset, str) else None
    if fields is None:
        raise bad(
            f"{pointer}/logo_preset", "such as Logo15 or logo_30_bottom_right: percent of the width, place"
        )
    return image, fields

"""The tones that a picture may have."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tone:
    """Four colours that go together: the wall, the disc on it, the thing itself and its shadow."""

    back: str
    blob: str
    main: str
    deep: str


TONES = {
    "amber": Tone("#fff0cf", "#ffdc9a", "#ef9a3a", "#a9591a"),
    "cream": Tone("#fbf3e6", "#f1dfc3", "#d5935a", "#7a4a28"),
    "lilac": Tone("#f0eafc", "#dccff5", "#9070d3", "#543889"),
    "mint": Tone("#e1f5ea", "#bfe8d3", "#3fae86", "#1d6a52"),
    "rose": Tone("#ffe8e8", "#ffcbd0", "#ec6a7d", "#a5324e"),
    "sky": Tone("#e3f2fc", "#bfe0f6", "#4097d2", "#1f5584"),
}

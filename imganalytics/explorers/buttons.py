"""A button as wide as its words."""

from collections.abc import Callable
from typing import Any

import ipywidgets as w


def button(text: str, hint: str, press: Callable[[Any], None], disabled: bool = False) -> w.Button:
    """A button that says `text`, explains itself by `hint`, and calls `press` when it is pressed."""
    made = w.Button(description=text, tooltip=hint, disabled=disabled, layout={"width": "auto"})
    made.on_click(press)
    return made

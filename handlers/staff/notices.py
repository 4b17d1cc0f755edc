from __future__ import annotations

from collections.abc import Callable

from handlers.links import Links
from handlers.screens import Screen
from locales.texts import Texts
from loyalty.deliveries import Delivery

NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {}

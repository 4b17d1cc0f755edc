"""`python -m locales collect | check`: the catalogues beside the code."""

from __future__ import annotations

import sys

from locales.catalogues import check, collect


def main() -> int:
    match sys.argv[1:]:
        case ["collect"]:
            return collect()
        case ["check"]:
            return check()
        case _:
            sys.stderr.write("usage: python -m locales collect | check\n")
            return 2


if __name__ == "__main__":
    sys.exit(main())

"""Prints the OpenAPI document, from which the web app's client is made."""

from __future__ import annotations

import json
import sys

from clarion.api.app import make_app
from clarion.wiring.settings import Settings


def main() -> None:
    document = make_app(Settings.model_construct()).openapi()
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

"""The programs in `profiles/`, which is a folder of data and no package."""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "profiles"))

r4_topics = importlib.import_module("r4_topics")
build = importlib.import_module("build_profiles")
pack = importlib.import_module("pack_profiles")

"""Write the reviewed specification anew, and its picture to look at beside it (not kept).

Run from the root: `PYTHONPATH=tests python tests/data/charts/renew.py [picture.png]`.
"""

import json
import sys
from pathlib import Path

from told import rich

from fhirgate.charts.render import render_png
from fhirgate.charts.spec import chart_spec

if __name__ == "__main__":
    text = json.dumps(chart_spec(rich()), indent=1, ensure_ascii=False) + "\n"
    (Path(__file__).parent / "rich.json").write_text(text, encoding="utf-8")
    for path in sys.argv[1:]:
        Path(path).write_bytes(render_png(rich()))

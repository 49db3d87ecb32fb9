"""Makes `lab_page` importable, which the docs' pictures are made with too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

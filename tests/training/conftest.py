"""The generator is a part of the repository, not of the package: its folder is found from here.

It comes last in the path, so that what is tested otherwise is what is installed.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

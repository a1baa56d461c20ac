import os
import sys
import re

print(os.sep, sys.argv, re.I)

import os
import sys


def a(x):
    return os.path.join(x)

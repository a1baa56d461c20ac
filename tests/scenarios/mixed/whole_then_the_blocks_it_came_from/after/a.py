import os
import sys
import re


def a(x):
    return os.fspath(x)

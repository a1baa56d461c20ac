import os
def load(path):
    return open(path)
load("a")

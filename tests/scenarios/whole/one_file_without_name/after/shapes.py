import math


def area(w, h):
    return w * h


def diagonal(w, h):
    return math.hypot(w, h)

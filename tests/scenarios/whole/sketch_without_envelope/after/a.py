import os


def area(w, h):
    return w * h


def volume(w, h, d):
    if d < 0:
        raise ValueError(d)
    return w * h * d

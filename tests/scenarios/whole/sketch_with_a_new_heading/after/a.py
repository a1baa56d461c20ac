import os


def area(w, h, unit=1):
    check(w)
    check(h)
    return w * h

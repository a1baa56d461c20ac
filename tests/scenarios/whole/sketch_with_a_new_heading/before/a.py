import os


def area(w, h):
    check(w)
    check(h)
    return w * h

import os


def area(w, h):
    return w * h


def volume(w, h, d):
    return w * h * d

import os


def area(w, h):
    return h * w


def volume(w, h, d):
    return w * h * d

import os


def volume(w, h, d):
    return w * h * d

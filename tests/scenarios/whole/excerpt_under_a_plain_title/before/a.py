import os


def a(x):
    return os.path.join(x)


def b(y):
    y = y or 1
    return y


def c(z):
    return z

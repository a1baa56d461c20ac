import os


def a(x):
    return os.path.join(x)


def b(y):
    return -y


def c(z):
    return z

import os


def price():
    return 2

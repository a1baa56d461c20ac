import os


def load(path):
    return open(path)


def save(path):
    os.remove(path)

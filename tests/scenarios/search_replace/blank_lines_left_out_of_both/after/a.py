import os


def load(path):
    return open(path, "rb")


def save(path):
    os.remove(path)

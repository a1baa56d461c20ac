import os

def load(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def save(path, text):
    with open(path, 'w') as file:
        file.write(text)


def size(path):
    return os.path.getsize(path)

ready = True


def f(x):
    if x and ready:
        return None
    return None

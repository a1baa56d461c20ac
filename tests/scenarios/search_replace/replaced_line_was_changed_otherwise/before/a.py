ready = True


def f(x):
    if x or ready:
        return None
    return None

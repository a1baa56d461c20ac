def f():
    a = 1
    return a


def g():
    a = 2
    return a

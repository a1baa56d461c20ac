import a


def f():
    return 2


run(f)

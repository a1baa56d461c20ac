import a


def f():
    return 1


run(f)

import x

@cache(1)
def f():
    y = 1
    return y

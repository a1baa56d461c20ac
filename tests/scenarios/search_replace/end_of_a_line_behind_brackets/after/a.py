def f(
    a,
    b,
    c=0,
) -> int:
    return a + b

def f():
    """Doc.

    Examples
    ========
    """
    return 1

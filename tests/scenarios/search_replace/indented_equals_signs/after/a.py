def f():
    """Doc.

    Examples
    ========
    """
    return 2

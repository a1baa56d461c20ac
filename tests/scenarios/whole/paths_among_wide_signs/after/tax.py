def tax():
    return 0.2

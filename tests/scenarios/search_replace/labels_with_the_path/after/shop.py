def price(item):
    """The price.

    In euros.
    """
    return item.cost / 100


def label(item):
    return item.name.title()

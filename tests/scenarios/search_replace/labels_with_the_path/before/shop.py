def price(item):
    """The price.

    In cents.
    """
    return item.cost


def label(item):
    return item.name

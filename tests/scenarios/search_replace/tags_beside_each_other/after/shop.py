def price(item):
    return item.cost * 2

def price(item):
    return item.cost

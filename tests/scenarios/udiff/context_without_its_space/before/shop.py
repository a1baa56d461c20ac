class Shop:
    def price(self, item):
        rate = 2
        return item.cost * rate

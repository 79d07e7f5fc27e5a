"""Peewee: nested lazy cursors, get_or_create, n+1 via property; prefetch beside it."""
import os
import sys
from peewee import *

db = SqliteDatabase(os.environ["SCENARIO_DB"])


class M(Model):
    class Meta:
        database = db


class Product(M):
    name = CharField()


class Customer(M):
    name = CharField()


class Order(M):
    customer = ForeignKeyField(Customer, backref="orders")

    class Meta:
        table_name = "orders"


class Line(M):
    order = ForeignKeyField(Order, backref="lines")
    product = ForeignKeyField(Product)
    qty = IntegerField()


db.create_tables([Product, Customer, Order, Line])
Product.insert_many([{"name": f"p{i}"} for i in range(20)]).execute()
Customer.insert_many([{"name": f"c{i}"} for i in range(9)]).execute()
Order.insert_many([{"customer": i % 9 + 1} for i in range(25)]).execute()
Line.insert_many([{"order": i % 25 + 1, "product": i * 7 % 20 + 1, "qty": 1} for i in range(75)]).execute()
for order in Order.select():
    for line in order.lines:  # @orders_1
        print(order.id, line.product.name)  # @orders_2
for c in prefetch(Customer.select(), Order.select(), Line.select()):
    print(c.name, sum(l.qty for o in c.orders for l in o.lines))

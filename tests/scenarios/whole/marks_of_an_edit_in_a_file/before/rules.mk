CC = gcc

all: a b
	$(CC) -o x a.c

clean:
	rm -f x

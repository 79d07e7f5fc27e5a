// A blog on libpq: blog.js ADDON CONNINFO PAGE
'use strict';
const database = require(process.argv[2]);

class Posts {
    all() {
        return database.query('SELECT id, title, author_id FROM posts ORDER BY id', []);
    }

    withAuthors() {
        return database.query('SELECT p.title, a.name FROM posts p JOIN authors a ON a.id = p.author_id ORDER BY p.id', []);
    }

    authorOf(post) {
        const [[name]] = database.query('SELECT name FROM authors WHERE id = $1', [post[2]]);
        return name;
    }
}

async function titlesOf(author) {
    await null;
    return database.query('SELECT title FROM posts WHERE author_id = $1 ORDER BY id', [author]).map(([title]) => title);
}

function seed() {
    database.query('CREATE TABLE authors(id INTEGER PRIMARY KEY, name TEXT)', []);
    database.query('CREATE TABLE posts(id INTEGER PRIMARY KEY, title TEXT, author_id INTEGER REFERENCES authors(id))', []);
    database.query("INSERT INTO authors SELECT i, 'author ' || i FROM generate_series(1, 20) i", []);
    database.query("INSERT INTO posts SELECT 100 + i, 'post ' || i, 1 + i * 7 % 20 FROM generate_series(1, 100) i", []);
}

function printPosts(posts) {
    posts.all().forEach((post) => {
        console.log(`${post[1]} by ${posts.authorOf(post)}`);
    });
}

async function printAuthors() {
    for (const [id, name] of database.query('SELECT id, name FROM authors ORDER BY id', [])) {
        console.log(`${name}: ${(await titlesOf(id)).join(', ')}`);
    }
}

function printGrouped() {
    const authors = database.query('SELECT id, name FROM authors ORDER BY id', []);
    const places = authors.map((_, i) => `$${i + 1}`).join(', ');
    const posts = database.query(`SELECT author_id, title FROM posts WHERE author_id IN (${places}) ORDER BY id`, authors.map(([id]) => id));
    for (const [id, name] of authors) {
        console.log(`${name}: ${posts.filter(([author]) => author === id).map(([, title]) => title).join(', ')}`);
    }
}

const pages = {
    seed,
    slow_forward: () => printPosts(new Posts()),
    fast_forward: () => new Posts().withAuthors().forEach(([title, name]) => console.log(`${title} by ${name}`)),
    slow_reverse: printAuthors,
    fast_reverse: printGrouped,
};

database.connect(process.argv[3]);
Promise.resolve(pages[process.argv[4]]()).then(() => database.close());

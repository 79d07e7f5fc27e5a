#!/usr/bin/env python3
"""seed.py N: the tables of all programs of this folder, filled; SCENARIO_DB is a file of SQLite's or a conninfo. Keys of many kinds: small
numbers, texts, UUIDs, several columns, names in mixed case."""
import os
import random
import sqlite3
import sys
import uuid

n, target = int(sys.argv[1]), os.environ["SCENARIO_DB"]
pg = "=" in target
if pg:
    import psycopg2
    from psycopg2.extras import execute_values
    con = psycopg2.connect(target)
else:
    con = sqlite3.connect(target)
cur = con.cursor()
R = random.Random()
first = "Ada Bo Cy Dee Eli Fay Gus Hal Ivy Jo Kim Lou Max Ned Oli Pia Quin Ray Sue Tom Uma Vic Wes Xia Yan Zoe".split()


def ddl(text):
    for statement in filter(str.strip, text.split(";")):
        statement = statement.replace("SERIAL", "SERIAL PRIMARY KEY" if pg else "INTEGER PRIMARY KEY")
        cur.execute(statement if pg else statement.replace("UUID", "TEXT"))


def put(table, cols, rows):
    rows = list(rows)
    if pg and rows:
        execute_values(cur, f"INSERT INTO {table} ({cols}) VALUES %s", rows)
    elif rows:
        cur.executemany(f"INSERT INTO {table} ({cols}) VALUES ({','.join('?' * len(rows[0]))})", rows)


def name(i):
    return f"{first[i % 26]} {chr(65 + i * 7 % 26)}{'aeiou'[i % 5]}rt{i}"


def day(i):
    return f"2025-{1 + i // 28 % 12:02d}-{1 + i % 28:02d}"


def uid(i):
    return str(uuid.UUID(int=R.getrandbits(128), version=4))


def clinic():
    ddl("""CREATE TABLE specialties(id SERIAL, name TEXT NOT NULL);
    CREATE TABLE rooms(id SERIAL, label TEXT, floor INTEGER);
    CREATE TABLE doctors(id SERIAL, name TEXT NOT NULL, specialty_id INTEGER REFERENCES specialties(id), room_id INTEGER UNIQUE REFERENCES rooms(id));
    CREATE TABLE patients(id SERIAL, full_name TEXT, born TEXT, gp_id INTEGER REFERENCES doctors(id), deleted_at TEXT);
    CREATE TABLE insurance_cards(id SERIAL, patient_id INTEGER UNIQUE REFERENCES patients(id), number TEXT);
    CREATE TABLE visits(id SERIAL, patient_id INTEGER REFERENCES patients(id), doctor_id INTEGER REFERENCES doctors(id), at TEXT, fee INTEGER, status TEXT);
    CREATE TABLE drugs(code TEXT PRIMARY KEY, label TEXT, stock INTEGER);
    CREATE TABLE prescriptions(id SERIAL, visit_id INTEGER REFERENCES visits(id), drug_code TEXT REFERENCES drugs(code), dose INTEGER);
    CREATE TABLE lab_tests(visit_id INTEGER REFERENCES visits(id), seq INTEGER, kind TEXT, result TEXT, PRIMARY KEY(visit_id, seq));
    CREATE TABLE lab_samples(id SERIAL, visit_id INTEGER, seq INTEGER, tube TEXT, FOREIGN KEY(visit_id, seq) REFERENCES lab_tests(visit_id, seq));
    CREATE TABLE outbox(id SERIAL, kind TEXT, ref_id INTEGER, state TEXT DEFAULT 'new', tries INTEGER DEFAULT 0)""")
    nd = max(3, n // 2)
    ns = max(3, n // 3)
    put("specialties", "id,name", [(i + 1, f"spec {i}") for i in range(ns)])
    put("rooms", "id,label,floor", [(100 + i * 3, f"R{i}", i % 4) for i in range(nd)])
    rooms = [100 + i * 3 for i in range(nd)]; R.shuffle(rooms)
    put("doctors", "id,name,specialty_id,room_id", [(i + 1, name(i), R.randrange(ns) + 1, rooms[i]) for i in range(nd)])
    put("patients", "id,full_name,born,gp_id,deleted_at", [(i + 1 + i // 7, name(i + 40), day(i * 3), R.randrange(nd) + 1, day(i) if i % 6 == 5 else None) for i in range(n)])
    pids = [i + 1 + i // 7 for i in range(n)]
    put("insurance_cards", "id,patient_id,number", [(500 + i, p, f"IC{i * 7919 % 100003}") for i, p in enumerate(pids)])
    put("visits", "id,patient_id,doctor_id,at,fee,status", [(i + 1, R.choice(pids), R.randrange(nd) + 1, day(i) + "T09:%02d" % (i % 60), 20 + i % 90, ["open", "done", "billed"][i % 3]) for i in range(2 * n)])
    put("drugs", "code,label,stock", [(f"D{i * 37 % 997:03d}", f"drug {i}", 50 + i) for i in range(max(4, n // 2))])
    codes = [f"D{i * 37 % 997:03d}" for i in range(max(4, n // 2))]
    put("prescriptions", "id,visit_id,drug_code,dose", [(i + 1, R.randrange(2 * n) + 1, R.choice(codes), 1 + i % 4) for i in range(3 * n)])
    put("lab_tests", "visit_id,seq,kind,result", [(v + 1, s, f"k{(v + s) % 5}", str(R.random())[:6]) for v in range(n) for s in (1, 2)])
    put("lab_samples", "id,visit_id,seq,tube", [(900 + i, i // 2 + 1, i % 2 + 1, f"T{i:05d}") for i in range(2 * n)])
    put("outbox", "id,kind,ref_id,state", [(i + 1, "mail" if i % 2 else "sms", R.choice(pids), "new") for i in range(n)])


def freight():
    ddl("""CREATE TABLE depots(id UUID PRIMARY KEY, city TEXT, parent_id UUID REFERENCES depots(id));
    CREATE TABLE vehicles(plate TEXT PRIMARY KEY, depot_id UUID REFERENCES depots(id), axles INTEGER);
    CREATE TABLE shipments(id UUID PRIMARY KEY, origin_id UUID REFERENCES depots(id), dest_id UUID REFERENCES depots(id), vehicle_plate TEXT REFERENCES vehicles(plate), state TEXT, booked TEXT);
    CREATE TABLE parcels(id SERIAL, shipment_id UUID REFERENCES shipments(id), weight INTEGER, label TEXT);
    CREATE TABLE scans(id SERIAL, parcel_id INTEGER REFERENCES parcels(id), depot_id UUID REFERENCES depots(id), at TEXT);
    CREATE TABLE tariffs(from_city TEXT, to_city TEXT, price INTEGER, PRIMARY KEY(from_city, to_city));
    CREATE TABLE invoices(id SERIAL, shipment_id UUID UNIQUE, total INTEGER, note TEXT)""")
    nd = max(4, n // 2)
    ds = [uid(i) for i in range(nd)]
    put("depots", "id,city,parent_id", [(d, f"City{i}", ds[(i - 1) // 2] if i else None) for i, d in enumerate(ds)])
    plates = [f"{chr(65 + i % 26)}{chr(65 + i // 26 % 26)}-{1000 + i * 17}" for i in range(max(3, n // 2))]
    put("vehicles", "plate,depot_id,axles", [(p, R.choice(ds), 2 + i % 3) for i, p in enumerate(plates)])
    ss = [uid(i) for i in range(n)]
    put("shipments", "id,origin_id,dest_id,vehicle_plate,state,booked", [(s, *R.sample(ds, 2), R.choice(plates), ["new", "road", "done"][i % 3], day(i)) for i, s in enumerate(ss)])
    put("parcels", "id,shipment_id,weight,label", [(i + 1, R.choice(ss), 100 + i * 13 % 700, f"P{i * 31337 % 99991}") for i in range(3 * n)])
    put("scans", "id,parcel_id,depot_id,at", [(i + 1, R.randrange(3 * n) + 1, R.choice(ds), day(i)) for i in range(6 * n)])
    put("tariffs", "from_city,to_city,price", [(f"City{a}", f"City{b}", 10 + a + b) for a in range(nd) for b in range(nd) if a != b and nd <= 60])
    put("invoices", "id,shipment_id,total", [(i + 1, s, 100 + i) for i, s in enumerate(ss) if i % 2])


def cms():
    ddl("""CREATE TABLE sites(id SERIAL, host TEXT UNIQUE);
    CREATE TABLE assets(id SERIAL, path TEXT, bytes INTEGER);
    CREATE TABLE staff(login TEXT PRIMARY KEY, display TEXT, avatar_id INTEGER REFERENCES assets(id));
    CREATE TABLE pages(id SERIAL, site_id INTEGER REFERENCES sites(id), slug TEXT, parent_id INTEGER REFERENCES pages(id), title TEXT, body TEXT, author_login TEXT REFERENCES staff(login), cover_id INTEGER REFERENCES assets(id), views INTEGER DEFAULT 0, hidden INTEGER DEFAULT 0);
    CREATE TABLE tags(id SERIAL, word TEXT UNIQUE);
    CREATE TABLE page_tags(page_id INTEGER REFERENCES pages(id), tag_id INTEGER REFERENCES tags(id), PRIMARY KEY(page_id, tag_id));
    CREATE TABLE revisions(id SERIAL, page_id INTEGER REFERENCES pages(id), no INTEGER, body TEXT, saved_at TEXT, editor TEXT);
    CREATE TABLE comments(id SERIAL, subject_type TEXT, subject_id INTEGER, author TEXT, body TEXT);
    CREATE TABLE redirects(old_slug TEXT PRIMARY KEY, new_slug TEXT);
    CREATE TABLE sessions(sid TEXT PRIMARY KEY, login TEXT, data TEXT, seen_at TEXT);
    CREATE TABLE prefs(login TEXT, name TEXT, value TEXT, PRIMARY KEY(login, name))""")
    put("sites", "id,host", [(i + 1, f"s{i}.example") for i in range(3)])
    put("assets", "id,path,bytes", [(i + 1, f"/a/{i}.png", 1000 + i) for i in range(2 * n)])
    st = [f"{first[i % 26].lower()}{i}" for i in range(max(3, n // 2))]
    put("staff", "login,display,avatar_id", [(s, s.title(), R.randrange(2 * n) + 1) for s in st])
    put("pages", "id,site_id,slug,parent_id,title,body,author_login,cover_id,views,hidden", [(i + 1, 1 + i % 3, f"page-{i * 7 % 1009}", (i - 1) // 3 + 1 if i else None, f"Title {i}", f"body of {i} " * 5, R.choice(st), R.randrange(2 * n) + 1 if i % 3 else None, i * 11, int(i % 9 == 8)) for i in range(n)])
    put("tags", "id,word", [(i + 1, f"tag{i}") for i in range(max(4, n // 2))])
    put("page_tags", "page_id,tag_id", [(p + 1, t + 1) for p in range(n) for t in R.sample(range(max(4, n // 2)), 3)])
    put("revisions", "id,page_id,no,body,saved_at,editor", [(i + 1, i % n + 1, i // n + 1, f"rev {i}", day(i), R.choice(st)) for i in range(3 * n)])
    put("comments", "id,subject_type,subject_id,author,body", [(i + 1, *(("page", R.randrange(n) + 1) if i % 2 else ("asset", R.randrange(2 * n) + 1)), R.choice(st), f"comment {i}") for i in range(2 * n)])
    put("redirects", "old_slug,new_slug", [(f"old-{i}", f"page-{i * 7 % 1009}") for i in range(n)])
    put("sessions", "sid,login,data,seen_at", [(f"{R.getrandbits(64):016x}", R.choice(st), "{}", day(i)) for i in range(n)])
    put("prefs", "login,name,value", [(s, k, f"{k}-{i % 4}") for i, s in enumerate(st) for k in ("lang", "theme")])


def ledger():
    ddl("""CREATE TABLE tenants(id SERIAL, name TEXT, plan TEXT);
    CREATE TABLE accounts(tenant_id INTEGER REFERENCES tenants(id), number INTEGER, title TEXT, balance INTEGER, PRIMARY KEY(tenant_id, number));
    CREATE TABLE documents(id SERIAL, tenant_id INTEGER REFERENCES tenants(id), ref TEXT, kind TEXT, issued TEXT);
    CREATE TABLE entries(id SERIAL, tenant_id INTEGER, account_no INTEGER, doc_id INTEGER REFERENCES documents(id), amount INTEGER, posted_on TEXT, FOREIGN KEY(tenant_id, account_no) REFERENCES accounts(tenant_id, number));
    CREATE TABLE settings(tenant_id INTEGER, name TEXT, value TEXT, PRIMARY KEY(tenant_id, name));
    CREATE TABLE rates(currency TEXT, on_day TEXT, rate REAL, PRIMARY KEY(currency, on_day));
    CREATE TABLE audit(id SERIAL, what TEXT, ref TEXT, at TEXT);
    CREATE TABLE monthly(tenant_id INTEGER, account_no INTEGER, month TEXT, total INTEGER, PRIMARY KEY(tenant_id, account_no, month))""")
    nt = 3 if n < 30 else 8
    put("tenants", "id,name,plan", [(i + 1, f"Tenant {i}", "pro") for i in range(nt)])
    put("accounts", "tenant_id,number,title,balance", [(t + 1, 1000 + a * 10, f"acct {t}/{a}", 0) for t in range(nt) for a in range(n)])
    put("documents", "id,tenant_id,ref,kind,issued", [(i + 1, 1 + i % nt, f"INV-{2000 + i}", "inv", day(i)) for i in range(n)])
    put("entries", "id,tenant_id,account_no,doc_id,amount,posted_on", [(i + 1, 1 + i % nt, 1000 + R.randrange(n) * 10, R.randrange(n) + 1, R.randrange(-500, 500), day(i)) for i in range(4 * n)])
    put("settings", "tenant_id,name,value", [(t + 1, k, str(t)) for t in range(nt) for k in ("locale", "currency", "logo", "tz", "vat")])
    put("rates", "currency,on_day,rate", [(c, day(i), 1 + i / 100) for c in ("EUR", "USD", "GBP") for i in range(min(n, 336))])


def music():
    ddl("""CREATE TABLE users(id SERIAL, handle TEXT UNIQUE, email TEXT, manager_id INTEGER REFERENCES users(id), credits INTEGER DEFAULT 10);
    CREATE TABLE profiles(user_id INTEGER PRIMARY KEY REFERENCES users(id), bio TEXT, city TEXT);
    CREATE TABLE genres(id SERIAL, name TEXT, parent_id INTEGER REFERENCES genres(id));
    CREATE TABLE artists(id SERIAL, name TEXT, genre_id INTEGER REFERENCES genres(id));
    CREATE TABLE albums(id SERIAL, title TEXT, artist_id INTEGER REFERENCES artists(id), year INTEGER);
    CREATE TABLE tracks(id SERIAL, album_id INTEGER REFERENCES albums(id), title TEXT, seconds INTEGER, isrc TEXT UNIQUE);
    CREATE TABLE credits(id SERIAL, track_id INTEGER REFERENCES tracks(id), artist_id INTEGER REFERENCES artists(id), role TEXT);
    CREATE TABLE playlists(id SERIAL, owner_id INTEGER REFERENCES users(id), title TEXT);
    CREATE TABLE playlist_tracks(playlist_id INTEGER REFERENCES playlists(id), position INTEGER, track_id INTEGER REFERENCES tracks(id), PRIMARY KEY(playlist_id, position));
    CREATE TABLE plays(id SERIAL, user_id INTEGER REFERENCES users(id), track_id INTEGER REFERENCES tracks(id), at TEXT)""")
    put("users", "id,handle,email,manager_id", [(i + 1, f"u{i * 13 % 997}", f"u{i}@example.org", R.randrange(max(1, i)) + 1 if i else None) for i in range(n)])
    put("profiles", "user_id,bio,city", [(i + 1, f"bio {i}", f"C{i % 5}") for i in range(n) if i % 4])
    put("genres", "id,name,parent_id", [(i + 1, f"g{i}", (i - 1) // 2 + 1 if i else None) for i in range(max(4, n // 2))])
    put("artists", "id,name,genre_id", [(i + 1, f"Artist {i}", R.randrange(max(4, n // 2)) + 1) for i in range(n)])
    put("albums", "id,title,artist_id,year", [(i + 1, f"Album {i}", R.randrange(n) + 1, 1970 + i % 50) for i in range(n)])
    put("tracks", "id,album_id,title,seconds,isrc", [(i + 1, i % n + 1, f"Track {i}", 100 + i, f"ISRC{i * 7777 % 100003:06d}") for i in range(3 * n)])
    put("credits", "id,track_id,artist_id,role", [(i + 1, i % (3 * n) + 1, R.randrange(n) + 1, "voc" if i % 2 else "gtr") for i in range(4 * n)])
    np = max(4, n // 2)
    put("playlists", "id,owner_id,title", [(i + 1, R.randrange(n) + 1, f"List {i}") for i in range(np)])
    put("playlist_tracks", "playlist_id,position,track_id", [(p + 1, k, R.randrange(3 * n) + 1) for p in range(np) for k in range(1, 5)])
    put("plays", "id,user_id,track_id,at", [(i + 1, R.randrange(n) + 1, R.randrange(3 * n) + 1, day(i)) for i in range(4 * n)])


def school():
    ddl("""CREATE TABLE teacher(id SERIAL, surname TEXT, mentor INTEGER REFERENCES teacher(id));
    CREATE TABLE course(id SERIAL, code TEXT UNIQUE, title TEXT, teacher_id INTEGER REFERENCES teacher(id), prereq_id INTEGER REFERENCES course(id));
    CREATE TABLE pupil(id SERIAL, name TEXT, house TEXT, left_on TEXT);
    CREATE TABLE enrolment(pupil_id INTEGER REFERENCES pupil(id), course_id INTEGER REFERENCES course(id), since TEXT, PRIMARY KEY(pupil_id, course_id));
    CREATE TABLE mark(id SERIAL, pupil_id INTEGER, course_id INTEGER, grade INTEGER, given TEXT);
    CREATE TABLE locker(number INTEGER PRIMARY KEY, pupil_id INTEGER UNIQUE REFERENCES pupil(id), pin TEXT);
    CREATE TABLE note(id SERIAL, target_kind TEXT, target_id INTEGER, words TEXT);
    CREATE TABLE job(id SERIAL, payload TEXT, status TEXT, worker TEXT, tries INTEGER DEFAULT 0)""")
    nt = max(3, n // 3)
    nc = max(12, n // 2)
    put("teacher", "id,surname,mentor", [(i + 1, f"T{i}", R.randrange(i) + 1 if i else None) for i in range(nt)])
    put("course", "id,code,title,teacher_id,prereq_id", [(i + 1, f"C-{i * 17:03d}", f"Course {i}", R.randrange(nt) + 1, i if i % 4 else None) for i in range(nc)])
    put("pupil", "id,name,house,left_on", [(i + 1, f"Pupil {i * 37 % 101}", "RGBY"[i % 4], day(i) if i % 8 == 7 else None) for i in range(n)])
    put("enrolment", "pupil_id,course_id,since", [(p + 1, c + 1, day(p + c)) for p in range(n) for c in R.sample(range(nc), 2)])
    put("mark", "id,pupil_id,course_id,grade,given", [(i + 1, R.randrange(n) + 1, R.randrange(nc) + 1, 1 + i % 6, day(i)) for i in range(4 * n)])
    put("locker", "number,pupil_id,pin", [(200 + i, i + 1, f"{i * 7919 % 10000:04d}") for i in range(n)])
    put("note", "id,target_kind,target_id,words", [(i + 1, *(("pupil", R.randrange(n) + 1) if i % 2 else ("course", R.randrange(nc) + 1)), f"note {i}") for i in range(2 * n)])
    put("job", "id,payload,status", [(i + 1, '{"pupil": %d}' % (R.randrange(n) + 1), "ready") for i in range(n)])


def store():
    ddl("""CREATE TABLE "Customer"("CustomerId" INTEGER PRIMARY KEY, "FullName" TEXT, "Country" TEXT);
    CREATE TABLE "Product"("Sku" TEXT PRIMARY KEY, "Label" TEXT, "Price" INTEGER, "Stock" INTEGER, "MakerId" INTEGER);
    CREATE TABLE "Maker"("MakerId" INTEGER PRIMARY KEY, "Brand" TEXT);
    CREATE TABLE "Order"("OrderId" INTEGER PRIMARY KEY, "CustomerId" INTEGER, "PlacedOn" TEXT, "Coupon" TEXT);
    CREATE TABLE "OrderLine"("OrderId" INTEGER, "LineNo" INTEGER, "Sku" TEXT, "Qty" INTEGER, PRIMARY KEY("OrderId", "LineNo"));
    CREATE TABLE "Shipment"("ShipmentId" INTEGER PRIMARY KEY, "OrderId" INTEGER, "LineNo" INTEGER, "Carrier" TEXT);
    CREATE TABLE "Coupon"("Code" TEXT PRIMARY KEY, "Percent" INTEGER);
    CREATE TABLE "PriceList"("Sku" TEXT, "Country" TEXT, "Price" INTEGER, PRIMARY KEY("Sku", "Country"));
    CREATE TABLE "Counter"("Name" TEXT PRIMARY KEY, "Value" INTEGER)""")
    np = max(5, n)
    sku = [f"SKU-{i * 7907 % 99991:05d}" for i in range(np)]
    put('"Customer"', '"CustomerId","FullName","Country"', [(i + 1, f"Cust {i}", ["DE", "FR", "IT"][i % 3]) for i in range(n)])
    put('"Maker"', '"MakerId","Brand"', [(i + 1, f"Brand {i}") for i in range(max(3, n // 3))])
    put('"Product"', '"Sku","Label","Price","Stock","MakerId"', [(s, f"Prod {i}", 5 + i, 40 + i, R.randrange(max(3, n // 3)) + 1) for i, s in enumerate(sku)])
    put('"Coupon"', '"Code","Percent"', [(f"SAVE{i:03d}", i) for i in range(6)])
    put('"Order"', '"OrderId","CustomerId","PlacedOn","Coupon"', [(1000 + i, R.randrange(n) + 1, day(i), f"SAVE{i % 6:03d}" if i % 2 else None) for i in range(n)])
    put('"OrderLine"', '"OrderId","LineNo","Sku","Qty"', [(1000 + o, l, R.choice(sku), 1 + l) for o in range(n) for l in (1, 2, 3)])
    put('"Shipment"', '"ShipmentId","OrderId","LineNo","Carrier"', [(i + 1, 1000 + i // 3, i % 3 + 1, "DHL") for i in range(3 * n) if i % 2])
    put('"PriceList"', '"Sku","Country","Price"', [(s, c, 9) for s in sku for c in ("DE", "FR", "IT")])
    put('"Counter"', '"Name","Value"', [("hits", 3)])


def iot():
    ddl("""CREATE TABLE device(hwid TEXT PRIMARY KEY, model_name TEXT, zone_id BIGINT, gateway TEXT REFERENCES device(hwid));
    CREATE TABLE zone(id BIGINT PRIMARY KEY, name TEXT, parent_id BIGINT REFERENCES zone(id));
    CREATE TABLE reading(id SERIAL, device_hwid TEXT REFERENCES device(hwid), taken TEXT, celsius INTEGER);
    CREATE TABLE model(name TEXT PRIMARY KEY, vendor TEXT, firmware TEXT);
    CREATE TABLE alert(id SERIAL, reading_id INTEGER REFERENCES reading(id), level TEXT, acked_by TEXT);
    CREATE TABLE operator(badge TEXT PRIMARY KEY, fullname TEXT);
    CREATE TABLE hourly(device_hwid TEXT, hour TEXT, mean INTEGER, PRIMARY KEY(device_hwid, hour));
    CREATE TABLE kv(k TEXT PRIMARY KEY, v TEXT)""")
    nz = max(4, n // 3)
    zid = [10**9 + i * 1013 for i in range(nz)]
    put("zone", "id,name,parent_id", [(z, f"Zone {i}", zid[(i - 1) // 2] if i else None) for i, z in enumerate(zid)])
    put("model", "name,vendor,firmware", [(f"MX{i}00", f"V{i}", "1.0") for i in range(4)])
    hw = [f"{R.getrandbits(48):012x}" for _ in range(n)]
    put("device", "hwid,model_name,zone_id,gateway", [(h, f"MX{i % 4}00", R.choice(zid), R.choice(hw[:i]) if i else None) for i, h in enumerate(hw)])
    put("reading", "id,device_hwid,taken,celsius", [(i + 1, R.choice(hw), day(i), i % 60 - 10) for i in range(5 * n)])
    put("operator", "badge,fullname", [(f"B{i:04d}", f"Op {i}") for i in range(max(3, n // 4))])
    put("alert", "id,reading_id,level,acked_by", [(i + 1, R.randrange(5 * n) + 1, "hi", f"B{R.randrange(max(3, n // 4)):04d}" if i % 3 else None) for i in range(n)])
    put("kv", "k,v", [(f"key{i}", str(i)) for i in range(20)])


def election():
    ddl("""CREATE TABLE district(state TEXT, number INTEGER, name TEXT, PRIMARY KEY(state, number));
    CREATE TABLE candidate(id SERIAL, name TEXT, party TEXT, state TEXT, number INTEGER, FOREIGN KEY(state, number) REFERENCES district(state, number));
    CREATE TABLE tally(id SERIAL, candidate_id INTEGER REFERENCES candidate(id), precinct INTEGER, votes INTEGER)""")
    seats = [(["OH", "TX", "MN"][i % 3], i + 1) for i in range(max(2, n // 4))]
    put("district", "state,number,name", [(s, i, f"District {s}{i}") for s, i in seats])
    put("candidate", "id,name,party,state,number", [(i + 1, name(i), f"P{i % 4}", *R.choice(seats)) for i in range(n)])
    put("tally", "id,candidate_id,precinct,votes", [(i + 1, R.randrange(n) + 1, i % 30, i * 13 % 400) for i in range(5 * n)])


def farm():
    ddl("""CREATE TABLE grower(id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE permit(id INTEGER PRIMARY KEY, grower_id INTEGER UNIQUE REFERENCES grower(id), number TEXT);
    CREATE TABLE orchard(id INTEGER PRIMARY KEY, grower_id INTEGER REFERENCES grower(id), acres INTEGER);
    CREATE TABLE tree(id SERIAL, orchard_id INTEGER REFERENCES orchard(id), sort TEXT);
    CREATE TABLE taxon(id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES taxon(id), name TEXT);
    CREATE TABLE sheet(id SERIAL, taxon_id INTEGER REFERENCES taxon(id), drawer TEXT)""")
    ng = max(3, n // 5)
    put("grower", "id,name", [(71 + i, name(i)) for i in range(ng)])
    put("permit", "id,grower_id,number", [(371 + i, 71 + i, f"P-{i}") for i in range(ng) if i != 2])
    put("orchard", "id,grower_id,acres", [(2000 + i, 71 + R.randrange(ng), i % 40 + 1) for i in range(n)])
    put("tree", "id,orchard_id,sort", [(i + 1, 2000 + R.randrange(n), f"s{i % 4}") for i in range(3 * n)])
    put("taxon", "id,parent_id,name", [(901 + i, 901 + (i - 1) // 3 if i else None, name(i)) for i in range(n)])
    put("sheet", "id,taxon_id,drawer", [(i + 1, 901 + R.randrange(n), f"D{i % 9}") for i in range(2 * n)])


def tracker():
    ddl("""CREATE TABLE member(id SERIAL, tenant_id UUID, nick TEXT, deleted_at TEXT);
    CREATE TABLE bug(id SERIAL, tenant_id UUID, reporter_id INTEGER REFERENCES member(id), title TEXT, state TEXT);
    CREATE TABLE remark(id SERIAL, bug_id INTEGER REFERENCES bug(id), body TEXT, deleted_at TEXT);
    CREATE TABLE meter(name TEXT PRIMARY KEY, value INTEGER);
    CREATE TABLE publisher(code TEXT PRIMARY KEY, name TEXT);
    CREATE TABLE title(isbn TEXT PRIMARY KEY, publisher_code TEXT REFERENCES publisher(code), name TEXT);
    CREATE TABLE word(id SERIAL, spelling TEXT);
    CREATE TABLE title_word(isbn TEXT REFERENCES title(isbn), word_id INTEGER REFERENCES word(id))""")
    tenant = uid(7)
    put("member", "id,tenant_id,nick", [(i + 1, tenant, name(i)) for i in range(max(3, n // 2))])
    put("bug", "id,tenant_id,reporter_id,title,state", [(i + 1, tenant, R.randrange(max(3, n // 2)) + 1, f"Bug {i}", ["new", "new", "shut"][i % 3]) for i in range(n)])
    put("remark", "id,bug_id,body", [(i + 1, R.randrange(n) + 1, f"r{i}") for i in range(3 * n)])
    codes = [f"PB{11 * i}" for i in range(max(3, n // 3))]
    put("publisher", "code,name", [(c, f"Publisher {c}") for c in codes])
    put("title", "isbn,publisher_code,name", [(f"978-{i * 1013}", R.choice(codes), f"Title {i}") for i in range(n)])
    put("word", "id,spelling", [(i + 1, f"word{i}") for i in range(9)])
    put("title_word", "isbn,word_id", [(f"978-{i % n * 1013}", i % 9 + 1) for i in range(2 * n)])


def harbour():
    ddl("""CREATE TABLE ports(code TEXT PRIMARY KEY, label TEXT);
    CREATE TABLE legs(voyage_no TEXT, seq INTEGER, from_port TEXT REFERENCES ports(code), to_port TEXT REFERENCES ports(code), PRIMARY KEY(voyage_no, seq));
    CREATE TABLE containers(number TEXT PRIMARY KEY, voyage_no TEXT, leg_seq INTEGER, tare INTEGER);
    CREATE TABLE consignments(id SERIAL, stage TEXT, kg INTEGER)""")
    ports, voyages = ["NLRTM", "SGSIN", "CNSHA", "USLAX", "DEHAM", "BRSSZ"], max(2, n // 3)
    put("ports", "code,label", [(p, p.title()) for p in ports])
    put("legs", "voyage_no,seq,from_port,to_port", [(f"V{v:03d}", s, ports[(v + s) % 6], ports[(v + s + 1) % 6]) for v in range(voyages) for s in (1, 2, 3)])
    put("containers", "number,voyage_no,leg_seq,tare", [(f"MSKU{i:06d}", f"V{R.randrange(voyages):03d}", i % 3 + 1, 2000 + i) for i in range(3 * n)])
    put("consignments", "id,stage,kg", [(100 + i, ("booked", "in_transit", "delivered", "lost")[i % 4], i) for i in range(n)])


def ward():
    ddl("""CREATE TABLE medics(badge TEXT PRIMARY KEY, full_name TEXT);
    CREATE TABLE admissions(id SERIAL, patient TEXT, attending TEXT REFERENCES medics(badge), discharged INTEGER);
    CREATE TABLE lab_orders(id SERIAL, admission_id INTEGER REFERENCES admissions(id), urgent INTEGER);
    CREATE TABLE sensors(id SERIAL, site TEXT);
    CREATE TABLE alarms(id SERIAL, sensor_id INTEGER REFERENCES sensors(id), severity INTEGER)""")
    badges = [f"MD-{i * 37 % 97:03d}" for i in range(max(3, n // 3))]
    put("medics", "badge,full_name", [(b, f"Dr {i}") for i, b in enumerate(badges)])
    put("admissions", "id,patient,attending,discharged", [(400 + i, f"P{i * 7 % 101}", R.choice(badges), int(i % 3 == 0)) for i in range(n)])
    put("lab_orders", "id,admission_id,urgent", [(i + 1, 400 + R.randrange(n), i % 2) for i in range(2 * n)])
    put("sensors", "id,site", [(i + 1, f"s{i}") for i in range(max(3, n // 2))])
    put("alarms", "id,sensor_id,severity", [(i + 1, i % max(3, n // 2) + 1, i % 5) for i in range(n)])


def arena():
    ddl("""CREATE TABLE clubs(id SERIAL, title TEXT);
    CREATE TABLE players(id SERIAL, handle TEXT, club_id INTEGER REFERENCES clubs(id));
    CREATE TABLE matches(id SERIAL, white_id INTEGER REFERENCES players(id), black_id INTEGER REFERENCES players(id), result TEXT);
    CREATE TABLE region(id SERIAL, parent_id INTEGER REFERENCES region(id), name TEXT);
    CREATE TABLE monster(id SERIAL, region_id INTEGER REFERENCES region(id), kind TEXT, level INTEGER)""")
    nc = max(3, n // 4)
    put("clubs", "id,title", [(70 + i, f"club {i}") for i in range(nc)])
    put("players", "id,handle,club_id", [(1500 + 3 * i, f"h{i}", 70 + R.randrange(nc) if i % 6 else None) for i in range(n)])
    put("matches", "id,white_id,black_id,result", [(i + 1, *(1500 + 3 * p for p in R.sample(range(n), 2)), "draw" if i % 3 == 0 else "white") for i in range(n)])
    put("region", "id,parent_id,name", [(1000 + i, 1000 + (i - 1) // 3 if i else None, f"r{i * 7 % 101}") for i in range(max(5, n // 2))])
    put("monster", "id,region_id,kind,level", [(i + 1, 1000 + R.randrange(max(5, n // 2)), "orc", i) for i in range(2 * n)])


def hire():
    ddl("""CREATE TABLE rent_garage(id SERIAL, city TEXT);
    CREATE TABLE rent_van(plate TEXT PRIMARY KEY, garage_id INTEGER REFERENCES rent_garage(id));
    CREATE TABLE rent_permit(id SERIAL, van_id TEXT UNIQUE REFERENCES rent_van(plate), until INTEGER);
    CREATE TABLE rent_booking(id SERIAL, van_id TEXT REFERENCES rent_van(plate), customer TEXT)""")
    plates = [f"X-{i * 13 % 997:03d}" for i in range(n)]
    put("rent_garage", "id,city", [(i + 1, f"City{i}") for i in range(6)])
    put("rent_van", "plate,garage_id", [(p, i % 6 + 1) for i, p in enumerate(plates)])
    put("rent_permit", "id,van_id,until", [(i + 1, p, 2026 + i % 9) for i, p in enumerate(plates)])
    put("rent_booking", "id,van_id,customer", [(i + 1, R.choice(plates), f"c{i}") for i in range(n)])


def insurance():
    ddl("""CREATE TABLE tblPolicy(PolicyNo VARCHAR(20) PRIMARY KEY, HolderName TEXT);
    CREATE TABLE tblAdjuster(AdjusterID INTEGER PRIMARY KEY, FullName TEXT);
    CREATE TABLE tblClaim(ClaimID INTEGER PRIMARY KEY, fkPolicyNo VARCHAR(20), fkAdjusterID INTEGER, Status TEXT);
    CREATE TABLE tblPayment(PaymentID INTEGER PRIMARY KEY, fkClaimID INTEGER, Cents INTEGER)""")
    policies = [f"POL/{10007 + i * 37 % 9973}/{chr(65 + i % 26)}" for i in range(max(4, n // 3))]
    put("tblPolicy", "PolicyNo,HolderName", [(p, name(i)) for i, p in enumerate(policies)])
    put("tblAdjuster", "AdjusterID,FullName", [(i, name(i)) for i in range(1, 13)])
    put("tblClaim", "ClaimID,fkPolicyNo,fkAdjusterID,Status",
        [(310000 + 7 * i, R.choice(policies), R.randint(1, 12), "paid" if i % 4 == 3 else "open") for i in range(n)])
    put("tblPayment", "PaymentID,fkClaimID,Cents", [(i + 1, 310000 + 7 * R.randrange(n), R.randint(1000, 90000)) for i in range(2 * n)])


def notary():
    ddl("""CREATE TABLE client(ref VARCHAR(8) PRIMARY KEY, name TEXT);
    CREATE TABLE deed(deed_year INTEGER, deed_no INTEGER, subject TEXT, signed TEXT, PRIMARY KEY(deed_year, deed_no));
    CREATE TABLE party(deed_year INTEGER, deed_no INTEGER, rank INTEGER, client_ref VARCHAR(8), role TEXT);
    CREATE TABLE folio(deed_year INTEGER, deed_no INTEGER, folio INTEGER, box TEXT, PRIMARY KEY(deed_year, deed_no))""")
    refs = [f"C{137 * i % 9973:04d}" for i in range(1, n + 1)]
    deeds = [(2021 + i % 3, 1 + i // 3) for i in range(n)]
    put("client", "ref,name", [(ref, name(i)) for i, ref in enumerate(refs)])
    put("deed", "deed_year,deed_no,subject,signed", [(y, d, R.choice(("sale", "lease", "will")), day(R.randrange(300))) for y, d in deeds])
    put("party", "deed_year,deed_no,rank,client_ref,role", [(y, d, k, R.choice(refs), "witness") for y, d in deeds for k in range(1, 3 + d % 2)])
    put("folio", "deed_year,deed_no,folio,box", [(y, d, R.randint(1, 900), f"B{d % 30:02d}") for y, d in deeds])


def cemetery():
    ddl("""CREATE TABLE quarter(id INTEGER PRIMARY KEY, symbol TEXT);
    CREATE TABLE grave(quarter_id INTEGER, lane INTEGER, spot INTEGER, PRIMARY KEY(quarter_id, lane, spot));
    CREATE TABLE grave_fee(id SERIAL, quarter_id INTEGER, lane INTEGER, spot INTEGER, until INTEGER);
    CREATE TABLE buried(id INTEGER PRIMARY KEY, surname TEXT, quarter_id INTEGER, lane INTEGER, spot INTEGER, spouse_id INTEGER)""")
    quarters = range(201, 201 + max(3, n // 6))
    places = [(q, lane, spot) for q in quarters for lane in (1, 2) for spot in (1, 2, 3)]
    put("quarter", "id,symbol", [(q, f"K{q}") for q in quarters])
    put("grave", "quarter_id,lane,spot", places)
    put("grave_fee", "id,quarter_id,lane,spot,until", [(i + 1, *R.choice(places), 2020 + i % 21) for i in range(n)])
    put("buried", "id,surname,quarter_id,lane,spot,spouse_id", [(700 + i, name(i), *R.choice(places), 700 + (i ^ 1) if i < n - n % 2 else None) for i in range(n)])


def customs():
    ddl("""CREATE TABLE pays(code_iso VARCHAR(2) PRIMARY KEY, libelle TEXT);
    CREATE TABLE importateur(id_importateur INTEGER PRIMARY KEY, raison TEXT);
    CREATE TABLE declaration(num_declaration VARCHAR(12) PRIMARY KEY, id_importateur INTEGER, pays_origine VARCHAR(2));
    CREATE TABLE article(num_declaration VARCHAR(12), rang INTEGER, valeur INTEGER, PRIMARY KEY(num_declaration, rang))""")
    codes = ["FR", "DE", "CH", "CN", "US", "MA", "VN", "BR"]
    put("pays", "code_iso,libelle", [(c, c.title()) for c in codes])
    put("importateur", "id_importateur,raison", [(5000 + 7 * i, name(i)) for i in range(max(3, n // 3))])
    numbers = [f"D24/{i * 991 % 1000000:06d}" for i in range(n)]
    put("declaration", "num_declaration,id_importateur,pays_origine", [(d, 5000 + 7 * R.randrange(max(3, n // 3)), R.choice(codes)) for d in numbers])
    put("article", "num_declaration,rang,valeur", [(d, k, 100 + k) for i, d in enumerate(numbers) for k in range(1, 2 + i % 3)])


def surgery():
    ddl("""CREATE TABLE tierhalter(halter_nr INTEGER PRIMARY KEY, name TEXT, ort TEXT);
    CREATE TABLE tier(tier_id INTEGER PRIMARY KEY, rufname TEXT, besitzer INTEGER REFERENCES tierhalter(halter_nr));
    CREATE TABLE behandlung(id SERIAL, tier_id INTEGER REFERENCES tier(tier_id), datum TEXT, kosten INTEGER);
    CREATE TABLE kurs(kurs_id INTEGER PRIMARY KEY, titel TEXT);
    CREATE TABLE anmeldung(kurs_id INTEGER REFERENCES kurs(kurs_id), schueler_id INTEGER, bezahlt INTEGER, PRIMARY KEY(kurs_id, schueler_id));
    CREATE TABLE blutgruppe(gruppe TEXT PRIMARY KEY, rhesus TEXT);
    CREATE TABLE spender(spender_uuid TEXT PRIMARY KEY, name TEXT, gruppe TEXT REFERENCES blutgruppe(gruppe));
    CREATE TABLE spende(beutel_nr INTEGER PRIMARY KEY, spender TEXT REFERENCES spender(spender_uuid), am TEXT)""")
    holders, pets, donors = max(3, n // 3), max(4, n * 2 // 3), [uid(i) for i in range(max(4, n // 2))]
    put("tierhalter", "halter_nr,name,ort", [(4000 + 7 * i, name(i), f"Ort{i % 5}") for i in range(holders)])
    put("tier", "tier_id,rufname,besitzer", [(9100 + i, f"Tier {i}", 4000 + 7 * R.randrange(holders)) for i in range(pets)])
    put("behandlung", "id,tier_id,datum,kosten", [(i + 1, 9100 + R.randrange(pets), day(i), 10 + i * 37 % 200) for i in range(n)])
    put("kurs", "kurs_id,titel", [(7030 + i, f"Kurs {i}") for i in range(max(3, n // 2))])
    put("anmeldung", "kurs_id,schueler_id,bezahlt", [(7030 + i % max(3, n // 2), 20000 + i, int(i % 3 == 0)) for i in range(n)])
    put("blutgruppe", "gruppe,rhesus", [(g + r, r) for g in ("A", "B", "AB", "0") for r in "+-"])
    put("spender", "spender_uuid,name,gruppe", [(d, name(i), ("A", "B", "AB", "0")[i % 4] + "+-"[i % 3 % 2]) for i, d in enumerate(donors)])
    put("spende", "beutel_nr,spender,am", [(660000 + i, R.choice(donors), day(i)) for i in range(n)])


def bakery():
    ddl("""CREATE TABLE pedidos(pedido_no INTEGER PRIMARY KEY, fecha TEXT, estado TEXT);
    CREATE TABLE lineas(pedido_no INTEGER REFERENCES pedidos(pedido_no), orden INTEGER, producto_sku TEXT, piezas INTEGER, PRIMARY KEY(pedido_no, orden));
    CREATE TABLE productos(sku TEXT PRIMARY KEY, nombre TEXT, existencias INTEGER);
    CREATE VIEW pedidos_abiertos AS SELECT pedido_no, fecha FROM pedidos WHERE estado = 'abierto';
    CREATE TABLE oficina(cod TEXT PRIMARY KEY, ciudad TEXT, oficina_madre TEXT REFERENCES oficina(cod));
    CREATE TABLE cartero(placa INTEGER PRIMARY KEY, nombre TEXT, oficina_cod TEXT REFERENCES oficina(cod));
    CREATE TABLE parcelles(id SERIAL, nom TEXT, surface INTEGER, parcelle_mere_id INTEGER REFERENCES parcelles(id))""")
    put("productos", "sku,nombre,existencias", [(f"PAN-{100 + i}", f"pan {i}", 50 + i) for i in range(16)])
    put("pedidos", "pedido_no,fecha,estado", [(71300 + i, day(i), "hecho" if i % 4 == 3 else "abierto") for i in range(n)])
    put("lineas", "pedido_no,orden,producto_sku,piezas", [(71300 + i, k, f"PAN-{100 + R.randrange(16)}", k) for i in range(n) for k in range(1, 3 + i % 3)])
    offices = [f"OF-{i * 37 % 97:02d}" for i in range(max(5, n // 3))]
    put("oficina", "cod,ciudad,oficina_madre", [(o, f"Ciudad {i}", offices[R.randrange(i)] if i else None) for i, o in enumerate(offices)])
    put("cartero", "placa,nombre,oficina_cod", [(81000 + 2 * i, name(i), R.choice(offices)) for i in range(n)])
    put("parcelles", "id,nom,surface,parcelle_mere_id", [(600 + i, f"P{i * 7 % 101}", 2 + i * 31 % 80, 600 + R.randrange(i) if i > 4 else None) for i in range(n)])


def museums():
    ddl("""CREATE TABLE museum_museum(id SERIAL, name TEXT);
    CREATE TABLE museum_artwork(inv_no VARCHAR(12) PRIMARY KEY, title TEXT, home_id INTEGER REFERENCES museum_museum(id), report TEXT);
    CREATE TABLE museum_material(id SERIAL, label TEXT);
    CREATE TABLE museum_artwork_materials(id SERIAL, artwork_id VARCHAR(12) REFERENCES museum_artwork(inv_no), material_id INTEGER REFERENCES museum_material(id))""")
    numbers = [f"INV-{i * 37 % 1009:04d}" for i in range(n)]
    put("museum_museum", "id,name", [(70 + i, f"Museum {i}") for i in range(max(3, n // 4))])
    put("museum_artwork", "inv_no,title,home_id,report", [(k, f"Work {i * 7 % 101}", 70 + R.randrange(max(3, n // 4)), "good") for i, k in enumerate(numbers)])
    put("museum_material", "id,label", [(i + 1, m) for i, m in enumerate(("oil", "bronze", "paper", "wood", "clay"))])
    put("museum_artwork_materials", "id,artwork_id,material_id", [(2 * i + k + 1, w, (i + k) % 5 + 1) for i, w in enumerate(numbers) for k in (0, 1)])


def dairy():
    ddl("""CREATE TABLE lattaio(cod_lattaio VARCHAR(8) PRIMARY KEY, nome TEXT);
    CREATE TABLE scaffale(sigla VARCHAR(4) PRIMARY KEY, cantina TEXT);
    CREATE TABLE forma(matricola VARCHAR(10) PRIMARY KEY, cod_lattaio VARCHAR(8), scaffale VARCHAR(4));
    CREATE TABLE assaggio(id_assaggio INTEGER PRIMARY KEY, matricola VARCHAR(10), voto INTEGER)""")
    codes, wheels = [f"LT{29 * i % 997:03d}" for i in range(1, 13)], [f"PR{100000 + 373 * i}" for i in range(n)]
    put("lattaio", "cod_lattaio,nome", [(c, name(i)) for i, c in enumerate(codes)])
    put("scaffale", "sigla,cantina", [(f"S{i:02d}", "Nord" if i % 2 else "Sud") for i in range(1, 16)])
    put("forma", "matricola,cod_lattaio,scaffale", [(w, R.choice(codes), f"S{R.randint(1, 15):02d}") for w in wheels])
    put("assaggio", "id_assaggio,matricola,voto", [(i + 1, R.choice(wheels), R.randint(60, 100)) for i in range(2 * n)])


def agency():
    ddl("""CREATE TABLE agency_order(id SERIAL, title TEXT);
    CREATE TABLE translator(id SERIAL, name TEXT);
    CREATE TABLE remark_on(id SERIAL, about TEXT, about_id INTEGER, body TEXT)""")
    put("agency_order", "id,title", [(i, f"order {i}") for i in range(1, 16)])
    put("translator", "id,name", [(i, name(i)) for i in range(1, 16)])
    put("remark_on", "id,about,about_id,body", [(i + 1, R.choice(("agency_order", "translator")), R.randint(1, 15), f"remark {i}") for i in range(n)])


def archive():
    ddl("""CREATE TABLE persona(codice TEXT PRIMARY KEY, nome TEXT);
    CREATE TABLE documento(segnatura TEXT PRIMARY KEY, mittente TEXT REFERENCES persona(codice), destinatario TEXT REFERENCES persona(codice), anno INTEGER);
    CREATE TABLE leg(race_code TEXT, leg_no INTEGER, km INTEGER, PRIMARY KEY(race_code, leg_no));
    CREATE TABLE split(id SERIAL, race_code TEXT, leg_no INTEGER, bib INTEGER, secs INTEGER)""")
    people = [f"PRS{i * 7919 % 100003:05d}" for i in range(max(8, n // 2))]
    put("persona", "codice,nome", [(p, name(i)) for i, p in enumerate(people)])
    put("documento", "segnatura,mittente,destinatario,anno", [(f"AS/{i:03d}/{i * 37 % 97}", *R.sample(people, 2), 1700 + i) for i in range(n)])
    legs = [(c, k) for c in ("OSL-24", "BER-24", "WAW-23", "LIS-23") for k in range(1, 8)]
    put("leg", "race_code,leg_no,km", [(c, k, 5 + k) for c, k in legs])
    put("split", "id,race_code,leg_no,bib,secs", [(i + 1, *legs[i % 28], 2200 + 3 * (i % 40), 600 + i * 37 % 997) for i in range(5 * n)])


for world in (clinic, freight, cms, ledger, music, school, store, iot, election, farm, tracker, harbour, ward, arena, hire, insurance, notary, cemetery, customs,
              surgery, bakery, museums, dairy, agency, archive):
    R.seed(f"{world.__name__}{n}")
    world()
if pg:
    cur.execute("SELECT table_name FROM information_schema.columns WHERE column_default LIKE 'nextval%'")
    for (table,) in cur.fetchall():
        cur.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 1) FROM {table}))")
con.commit()
con.close()

#include "models.h"

MODEL(Team, "s_team", FIELD(id, BigAutoField), FIELD(name, CharField, .max_length = 20, .unique = true),
      FIELD(city, CharField, .max_length = 20, .null = true), META(.ordering = "name"));
MODEL(Person, "s_person", FIELD(id, BigAutoField), FIELD(name, CharField, .max_length = 20),
      FIELD(age, IntegerField, .null = true),
      FIELD(team, ForeignKey, .to = &Team_model, .related_name = "people", .null = true, .on_delete = SET_NULL),
      FIELD(boss, ForeignKey, .to = &Person_model, .related_name = "crew", .null = true, .on_delete = CASCADE),
      FIELD(friends, ManyToManyField, .to = &Person_model),
      FIELD(follows, ManyToManyField, .to = &Person_model, .asymmetrical = true, .related_name = "followers"));
MODEL(Badge, "s_badge",
      FIELD(person, OneToOneField, .to = &Person_model, .primary_key = true, .related_name = "badge",
            .on_delete = CASCADE),
      FIELD(code, CharField, .max_length = 10));
MODEL(Club, "s_club", FIELD(id, BigAutoField), FIELD(name, CharField, .max_length = 20),
      FIELD(members, ManyToManyField, .to = &Person_model, .through = &Membership_model, .related_name = "clubs"));
MODEL(Membership, "s_membership", FIELD(id, BigAutoField),
      FIELD(club, ForeignKey, .to = &Club_model, .on_delete = CASCADE),
      FIELD(person, ForeignKey, .to = &Person_model, .on_delete = CASCADE),
      FIELD(role, CharField, .max_length = 20, .def = DEF_TEXT("member")),
      FIELD(since, IntegerField, .def = DEF_INT(2000)),
      META(.unique_together = "club person", .get_latest_by = "since"), ORM_CHECK(s_since, "since__gte=1900"),
      ORM_UNIQUE(s_one_boss, "club", .condition = "role='boss'"));
MODEL(Tag, "s_tag", FIELD(name, CharField, .max_length = 20, .primary_key = true),
      FIELD(weight, IntegerField, .def = DEF_INT(0)));
MODEL(Article, "s_article", FIELD(id, BigAutoField), FIELD(title, CharField, .max_length = 50),
      FIELD(slug, SlugField, .max_length = 50, .unique = true),
      FIELD(author, ForeignKey, .to = &Person_model, .related_name = "articles", .on_delete = PROTECT),
      FIELD(editor, ForeignKey, .to = &Person_model, .related_name = "edited", .null = true, .on_delete = SET_NULL),
      FIELD(published, BooleanField, .def = DEF_BOOL(false)), FIELD(words, PositiveIntegerField, .def = DEF_INT(0)),
      FIELD(price, DecimalField, .max_digits = 8, .decimal_places = 2, .null = true),
      FIELD(day, DateField, .null = true), FIELD(at, DateTimeField, .null = true),
      FIELD(tags, ManyToManyField, .to = &Tag_model, .related_name = "articles"), META(.ordering = "-words title"));
MODEL(Comment, "s_comment", FIELD(id, BigAutoField),
      FIELD(article, ForeignKey, .to = &Article_model, .related_name = "comments", .on_delete = CASCADE),
      FIELD(parent, ForeignKey, .to = &Comment_model, .related_name = "replies", .null = true, .on_delete = SET_NULL),
      FIELD(text, TextField), FIELD(likes, IntegerField, .def = DEF_INT(0)));
MODEL(Country, "s_country", FIELD(id, BigAutoField), FIELD(code, CharField, .max_length = 2, .unique = true),
      FIELD(name, CharField, .max_length = 20));
MODEL(City, "s_city", FIELD(id, BigAutoField), FIELD(name, CharField, .max_length = 20),
      FIELD(country, ForeignKey, .to = &Country_model, .to_field = "code", .related_name = "cities",
            .related_query_name = "city", .on_delete = CASCADE));
MODEL(Lock, "s_lock", FIELD(id, BigAutoField),
      FIELD(person, ForeignKey, .to = &Person_model, .related_name = "locks", .on_delete = ORM_RESTRICT),
      FIELD(team, ForeignKey, .to = &Team_model, .related_name = "locks", .null = true, .on_delete = CASCADE));
MODEL(Task, "s_task", FIELD(id, BigAutoField), FIELD(name, CharField, .max_length = 20),
      FIELD(owner, ForeignKey, .to = &Team_model, .related_name = "tasks", .def = DEF_INT(1),
            .on_delete = ORM_SET_DEFAULT),
      FIELD(hours, FloatField, .def = DEF_DBL(0.5)), FIELD(opens, TimeField, .null = true),
      FIELD(data, JSONField, .null = true));
MODEL(Token, "s_token", FIELD(key, UUIDField, .primary_key = true),
      FIELD(person, ForeignKey, .to = &Person_model, .related_name = "tokens", .null = true,
            .on_delete = ORM_DO_NOTHING),
      FIELD(next, ForeignKey, .to = &Token_model, .related_name = "previous", .null = true, .on_delete = SET_NULL));

#include "models.h"

MODEL(Author, "blog_author", FIELD(id, AutoField), FIELD(name, CharField, .max_length = 100, .null = true),
      FIELD(age, IntegerField, .null = true), FIELD(n, Slot));
MODEL(Profile, "blog_profile", FIELD(id, AutoField),
      FIELD(author, OneToOneField, .to = &Author_model, .related_name = "profile", .on_delete = CASCADE),
      FIELD(bio, TextField));
MODEL(Tag, "blog_tag", FIELD(id, AutoField), FIELD(name, CharField, .max_length = 50), META(.ordering = "name"));
MODEL(Post, "blog_post", FIELD(id, AutoField),
      FIELD(author, ForeignKey, .to = &Author_model, .related_name = "posts", .on_delete = CASCADE),
      FIELD(editor, ForeignKey, .to = &Author_model, .related_name = "edited", .on_delete = SET_NULL, .null = true),
      FIELD(title, CharField, .max_length = 200), FIELD(views, IntegerField), FIELD(likes, IntegerField),
      FIELD(price, DecimalField, .max_digits = 8, .decimal_places = 2, .null = true),
      FIELD(score, IntegerField, .null = true), FIELD(published, BooleanField),
      FIELD(featured, BooleanField, .null = true), FIELD(day, DateField, .null = true), FIELD(created, DateTimeField),
      FIELD(weight, FloatField), FIELD(tags, ManyToManyField, .to = &Tag_model, .related_name = "posts"));
MODEL(Note, "blog_note", FIELD(id, AutoField),
      FIELD(post, ForeignKey, .to = &Post_model, .related_name = "notes", .on_delete = PROTECT, .null = true),
      FIELD(rank, IntegerField));

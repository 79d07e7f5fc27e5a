#include "blog_models.h"

MODEL(Author, "blog_author", FIELD(id, AutoField), FIELD(name, CharField, .max_length = 100), FIELD(num_posts, Slot));

MODEL(Profile, "blog_profile", FIELD(id, AutoField),
      FIELD(author, OneToOneField, .to = &Author_model, .related_name = "profile", .on_delete = CASCADE),
      FIELD(bio, TextField));

MODEL(Tag, "blog_tag", FIELD(id, AutoField), FIELD(name, CharField, .max_length = 50, .unique = true),
      META(.ordering = "name"));

MODEL(Post, "blog_post", FIELD(id, AutoField),
      FIELD(author, ForeignKey, .to = &Author_model, .related_name = "posts", .on_delete = CASCADE),
      FIELD(title, CharField, .max_length = 200), FIELD(published, BooleanField, .def = DEF_BOOL(false)),
      FIELD(featured, BooleanField, .def = DEF_BOOL(false)), FIELD(views, IntegerField, .def = DEF_INT(0)),
      FIELD(likes, IntegerField, .def = DEF_INT(0)), FIELD(comments, IntegerField, .def = DEF_INT(0)),
      FIELD(created, DateTimeField, .db_index = true),
      FIELD(tags, ManyToManyField, .to = &Tag_model, .related_name = "posts"));

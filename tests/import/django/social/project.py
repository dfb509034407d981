"""The settings that differ from Django's, and the rows of the project."""

SETTINGS = {"INSTALLED_APPS": ["profiles", "messenger"]}


def fill(world):
    from messenger.models import ChatRoom, Message
    from profiles.models import Post, Profile

    people = world.people()
    for index, person in enumerate(people):
        image = f"user_images/{person.username}.jpg" if index in (1, 2) else "user_images/default.jpg"
        Profile.objects.create(user=person, image=image, bio=f"Bio of {person.username}" if index % 2 else None)
    ann, bob, carol, dan, eve = people[:5]
    ann.profile.friends.add(bob, carol)
    bob.profile.friends.add(ann)
    for number in range(12):
        author = [ann, bob][number % 2]
        Post.objects.create(user=author, title=f"Пост {number}", content="Текст\n" * 3, created_at=world.time())

    def room(one, other):
        made = ChatRoom.objects.create(name=f"{one.username}_{other.username}")
        made.members.add(one, other)
        return made

    rooms = [room(bob, ann), room(ann, carol), room(dan, eve)]
    for number in range(60):
        where = rooms[number % 2]
        sender = list(where.members.order_by("id"))[number // 2 % 2]
        Message.objects.create(room=where, user=sender, content=f"Привет {number}", timestamp=world.time())

"""The settings that differ from Django's, and the rows of the project."""

SETTINGS = {
    "AUTH_USER_MODEL": "users.User",
    "INSTALLED_APPS": [
        "users", "chat", "django.contrib.sites", "allauth", "allauth.account", "allauth.socialaccount",
        "allauth.socialaccount.providers.google",
    ],
    "MIDDLEWARE": ["allauth.account.middleware.AccountMiddleware"],
    "SITE_ID": 1,
    "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
}


def fill(world):
    from allauth.account.models import EmailAddress
    from allauth.socialaccount.models import SocialAccount
    from chat.models import Conversation, Message

    people = world.people(usernames=False)
    for index, person in enumerate(people):
        EmailAddress.objects.create(user=person, email=person.email, verified=index < 2, primary=True)
    ann, bob, carol = people[:3]
    google = {"email": bob.email, "email_verified": True, "name": "Bob Brown", "sub": "1082"}
    SocialAccount.objects.create(user=bob, provider="google", uid="1082", extra_data=google)

    def conversation(user, title, count, **more):
        time = world.time()
        made = Conversation.objects.create(id=world.uuid(), user=user, title=title, created_at=time, updated_at=time, **more)
        for number in range(count):
            role = ["user", "assistant", "system", "tool"][number % 2 if number < 6 else number % 4]
            metadata = [None, {"model": "gpt", "tokens": number}, ["a", "list"]][number % 3]
            Message.objects.create(
                conversation=made, role=role, content=f"Сообщение {number}", metadata=metadata, created_at=world.time()
            )
        made.updated_at = world.time()
        made.save()

    conversation(ann, "Погода", 12)
    conversation(ann, "", 3)
    conversation(ann, "Архив", 4, archived=True)
    conversation(bob, "New Chat", 0)
    conversation(carol, "A long one", 50)

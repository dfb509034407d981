import uuid

from django.contrib.auth.models import User
from django.db import models


class ChatSession(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="chat_sessions")
    title = models.CharField(max_length=200, default="New Chat")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]


class Chat(models.Model):
    session = models.ForeignKey(ChatSession, on_delete=models.CASCADE, related_name="chats")
    message = models.TextField()
    response = models.TextField()
    created_at = models.DateTimeField()

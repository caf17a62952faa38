"""Who asks: the holder of an access token, or a person who is logged in; and what a token allows."""

from __future__ import annotations

from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from documents.models import AccessToken

from .problems import ProblemError


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer ocrsite_...``"""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        secret = words[1].decode("latin-1") if len(words) == 2 else ""
        token = AccessToken.authenticate(secret)
        if token is None:
            raise AuthenticationFailed("This token is not valid: it may have expired or been revoked.", "token-invalid")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="ocrsite"'


class ScopeAllows(BasePermission):
    """A token made for reading changes nothing. People who are logged in may do what their rights allow."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        token = request.auth
        if isinstance(token, AccessToken) and request.method not in SAFE_METHODS and not token.may_write:
            raise ProblemError(
                403, "scope-insufficient", "This token may only read. Make one that may read and change."
            )
        return True

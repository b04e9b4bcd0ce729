"""Closed forms of gradients as people write them, and usual mistakes in them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import derive
from derive.language.definition import Layer

LAYERS: dict[str, str | tuple[str, dict[str, object]]] = {
    "softmax": ("softmax", {}),
    "softmax over an axis": ("softmax", {"dims": 3, "axis": 1}),
    "log_softmax": ("log_softmax", {}),
    "sigmoid": ("sigmoid", {}),
    "tanh": ("tanh", {}),
    "silu": ("silu", {}),
    "softplus": ("softplus", {}),
    "gelu": ("gelu", {}),
    "gelu tanh": ("gelu", {"approximate": "tanh"}),
    "elu": ("elu", {}),
    "cross_entropy": ("cross_entropy", {}),
    "mse": ("mse", {}),
    "bce": ("bce", {}),
    "huber": ("huber", {}),
    "batchnorm": ("batchnorm", {}),
    "layernorm": ("layernorm", {}),
    "instancenorm": ("instancenorm", {}),
    "groupnorm": ("groupnorm", {}),
    "rmsnorm": ("rmsnorm", {}),
    "lrn": ("lrn", {}),
    "attention": ("attention", {}),
    "causal attention": ("attention", {"causal": True}),
    "lp_pool": ("lp_pool", {"dims": 1, "kernel_size": 2}),
    "l2 normalisation": "l2(x[N, C]): q[n] = sqrt(sum[c] x[n,c]^2); y[n,c] = x[n,c]/q[n]",
    "l2 normalisation at once": "l2(x[N, C]): y[n,c] = x[n,c]/sqrt(sum[j] x[n,j]^2)",
    "sigmoid written out": "s(x[N]): y[i] = 1/(1+exp(-x[i]))",
    "shifted softmax": "s(x[N,C]): m[n] = max[j] x[n,j]; e[n,c] = exp(x[n,c] - m[n]);"
    " y[n,c] = e[n,c]/(sum[j] e[n,j])",
    "logsumexp": "s(x[N,C]): y[n] = log(sum[j] exp(x[n,j]))",
}

RIGHT: list[tuple[str, str]] = [
    ("softmax", "dL/dx[n,c] = y[n,c]*(g[n,c] - sum[j] g[n,j]*y[n,j])"),
    ("softmax", "dL/dx[n,c] = sum[j] g[n,j]*y[n,j]*([j==c] - y[n,c])"),
    (
        "softmax",
        "dL/dx[n,c] = exp(x[n,c])/(sum[j] exp(x[n,j]))*(g[n,c] - (sum[j] g[n,j]*exp"
        "(x[n,j]))/(sum[j] exp(x[n,j])))",
    ),
    ("softmax", "dL/dx[n,c] = y[n,c]*(sum[j] y[n,j]*(g[n,c]-g[n,j]))"),
    ("softmax", "dL/dx[n,c] = g[n,c]*y[n,c]*(1-y[n,c]) - y[n,c]*(sum[j] [j != c]*g[n,j]*y[n,j])"),
    ("softmax over an axis", "dL/dx[b,n,c] = y[b,n,c]*(g[b,n,c] - sum[j] g[b,j,c]*y[b,j,c])"),
    ("log_softmax", "dL/dx[n,c] = g[n,c] - exp(y[n,c])*(sum[j] g[n,j])"),
    ("log_softmax", "dL/dx[n,c] = g[n,c] - exp(x[n,c])/(sum[k] exp(x[n,k]))*(sum[j] g[n,j])"),
    ("log_softmax", "dL/dx[n,c] = g[n,c] - exp(x[n,c] - log(sum[k] exp(x[n,k])))*(sum[j] g[n,j])"),
    ("sigmoid", "dL/dx[n,c] = g[n,c]*y[n,c]*(1-y[n,c])"),
    ("sigmoid", "dL/dx[n,c] = g[n,c]*(y[n,c]-y[n,c]^2)"),
    ("sigmoid", "dL/dx[n,c] = g[n,c]*1/(1+exp(-x[n,c]))*(1-1/(1+exp(-x[n,c])))"),
    ("sigmoid", "dL/dx[n,c] = g[n,c]*exp(-x[n,c])/(1+exp(-x[n,c]))^2"),
    ("sigmoid", "dL/dx[n,c] = g[n,c]*sigmoid(x[n,c])*sigmoid(-x[n,c])"),
    ("sigmoid", "dL/dx[n,c] = g[n,c]/(2+exp(x[n,c])+exp(-x[n,c]))"),
    ("sigmoid", "dL/dx[n,c] = g[n,c]*(1-tanh(x[n,c]/2)^2)/4"),
    ("sigmoid written out", "dL/dx[i] = g[i]*y[i]*(1-y[i])"),
    ("sigmoid written out", "dL/dx[i] = g[i]*sigmoid(x[i])*(1-sigmoid(x[i]))"),
    ("tanh", "dL/dx[n,c] = g[n,c]*(1-y[n,c]^2)"),
    ("tanh", "dL/dx[n,c] = g[n,c]*(1-y[n,c])*(1+y[n,c])"),
    ("tanh", "dL/dx[n,c] = 4*g[n,c]/(exp(x[n,c])+exp(-x[n,c]))^2"),
    ("tanh", "dL/dx[n,c] = g[n,c]*4*sigmoid(2*x[n,c])*(1-sigmoid(2*x[n,c]))"),
    ("silu", "dL/dx[n,c] = g[n,c]*sigmoid(x[n,c])*(1+x[n,c]*(1-sigmoid(x[n,c])))"),
    ("silu", "dL/dx[n,c] = g[n,c]*(y[n,c] + sigmoid(x[n,c])*(1-y[n,c]))"),
    ("silu", "dL/dx[n,c] = g[n,c]*(1+exp(-x[n,c])+x[n,c]*exp(-x[n,c]))/(1+exp(-x[n,c]))^2"),
    ("softplus", "dL/dx[n,c] = g[n,c]*sigmoid(beta*x[n,c])"),
    ("softplus", "dL/dx[n,c] = g[n,c]/(1+exp(-beta*x[n,c]))"),
    ("softplus", "dL/dx[n,c] = g[n,c]*(1-exp(-beta*y[n,c]))"),
    (
        "gelu",
        "dL/dx[n,c] = g[n,c]*((1+erf(x[n,c]/sqrt(2)))/2 + x[n,c]*exp(-x[n,c]^2/2)/sqrt(2*pi))",
    ),
    (
        "gelu",
        "dL/dx[n,c] = g[n,c]*(erfc(-x[n,c]/sqrt(2))/2 + x[n,c]*exp(-(x[n,c]/sqrt(2))^2)/sqrt"
        "(2*pi))",
    ),
    (
        "gelu tanh",
        "dL/dx[n,c] = g[n,c]*((1+tanh(sqrt(2/pi)*(x[n,c]+0.044715*x[n,c]^3)))/2 + x[n,c]*"
        "(1-tanh(sqrt(2/pi)*(x[n,c]+0.044715*x[n,c]^3))^2)*sqrt(2/pi)*(1+3*0.044715"
        "*x[n,c]^2)/2)",
    ),
    ("elu", "dL/dx[n,c] = if x[n,c] > 0 then g[n,c] else g[n,c]*(y[n,c]+alpha)"),
    ("elu", "dL/dx[n,c] = g[n,c]*([x[n,c] > 0] + [x[n,c] <= 0]*alpha*exp(x[n,c]))"),
    ("elu", "dL/dx[n,c] = g[n,c]*(if 0 < x[n,c] then 1 else alpha*exp(x[n,c]))"),
    ("cross_entropy", "dL/dx[n,c] = g*(exp(x[n,c])/(sum[j] exp(x[n,j])) - [t[n]==c])/N"),
    ("cross_entropy", "dL/dx[n,c] = g/N*(exp(x[n,c]-log(sum[j] exp(x[n,j]))) - [c==t[n]])"),
    (
        "cross_entropy",
        "dL/dx[n,c] = g*exp(x[n,c])/(N*(sum[j] exp(x[n,j]))) - (if t[n]==c then g/N else 0)",
    ),
    ("mse", "dL/dx[n,c] = 2*g*(x[n,c]-t[n,c])/(N*C)"),
    ("bce", "dL/dx[n,c] = g*(sigmoid(x[n,c])-t[n,c])/(N*C)"),
    ("bce", "dL/dx[n,c] = g*(1/(1+exp(-x[n,c]))-t[n,c])/(C*N)"),
    (
        "huber",
        "dL/dx[n,c] = g/(N*C)*(if x[n,c]-t[n,c] < -delta then -delta else (if delta <"
        " x[n,c]-t[n,c] then delta else x[n,c]-t[n,c]))",
    ),
    (
        "batchnorm",
        "dL/dx[n,c,h,u] = w[c]/sqrt(v[c]+eps)/(N*H*W)*(N*H*W*g[n,c,h,u] - (sum[a,b,d]"
        " g[a,c,b,d]) - (x[n,c,h,u]-m[c])/sqrt(v[c]+eps)*(sum[a,b,d] g[a,c,b,d]*"
        "(x[a,c,b,d]-m[c])/sqrt(v[c]+eps)))",
    ),
    (
        "batchnorm",
        "dL/dx[n,c,h,u] = w[c]*(v[c]+eps)^(-1/2)*(g[n,c,h,u] - (sum[a,b,d] g[a,c,b,d])/(N*H"
        "*W) - (x[n,c,h,u]-m[c])/(v[c]+eps)*(sum[a,b,d] g[a,c,b,d]*(x[a,c,b,d]-m[c]))/(N*H"
        "*W))",
    ),
    (
        "batchnorm",
        "dL/dx[n,c,h,u] = w[c]/sqrt((sum[a,b,d] (x[a,c,b,d]-(sum[i,j,k] x[i,c,j,k])/(N*H"
        "*W))^2)/(N*H*W)+eps)*(g[n,c,h,u] - (sum[a,b,d] g[a,c,b,d])/(N*H*W) - "
        "(x[n,c,h,u]-m[c])/(v[c]+eps)*(sum[a,b,d] g[a,c,b,d]*(x[a,c,b,d]-m[c]))/(N*H*W))",
    ),
    (
        "batchnorm",
        "dL/dx[n,c,h,u] = w[c]/sqrt((sum[a,b,d] x[a,c,b,d]^2)/(N*H*W)-m[c]^2+eps)*"
        "(g[n,c,h,u] - (sum[a,b,d] g[a,c,b,d])/(N*H*W) - (x[n,c,h,u]-m[c])/(v[c]+eps)*"
        "(sum[a,b,d] g[a,c,b,d]*(x[a,c,b,d]-m[c]))/(N*H*W))",
    ),
    (
        "batchnorm",
        "dL/dx[n,c,h,u] = g[n,c,h,u]*w[c]/sqrt(v[c]+eps) - w[c]/2*(v[c]+eps)^(-3/2)*"
        "(sum[a,b,d] g[a,c,b,d]*(x[a,c,b,d]-m[c]))*2*(x[n,c,h,u]-m[c])/(N*H*W) - w[c]/sqrt"
        "(v[c]+eps)*(sum[a,b,d] g[a,c,b,d])/(N*H*W)",
    ),
    ("batchnorm", "dL/dw[c] = sum[n,h,u] g[n,c,h,u]*(x[n,c,h,u]-m[c])/sqrt(v[c]+eps)"),
    ("batchnorm", "dL/dw[c] = (sum[n,h,u] g[n,c,h,u]*(x[n,c,h,u]-m[c]))/sqrt(v[c]+eps)"),
    (
        "batchnorm",
        "dL/dw[c] = (sum[n,h,u] g[n,c,h,u]*x[n,c,h,u] - m[c]*(sum[n,h,u] g[n,c,h,u]))*"
        "(v[c]+eps)^(-1/2)",
    ),
    (
        "batchnorm",
        "dL/dx[n,c,h,u] = w[c]/sqrt(v[c]+eps)*(g[n,c,h,u] - (sum[a,b,d] g[a,c,b,d])/(N*H*W)"
        " - (y[n,c,h,u]-b[c])/w[c]^2*(sum[a,b,d] g[a,c,b,d]*(y[a,c,b,d]-b[c]))/(N*H*W))",
    ),
    (
        "layernorm",
        "dL/dx[n,c] = 1/sqrt(v[n]+eps)*(w[c]*g[n,c] - (sum[j] w[j]*g[n,j])/C - "
        "(x[n,c]-m[n])/sqrt(v[n]+eps)*(sum[j] w[j]*g[n,j]*(x[n,j]-m[n])/sqrt(v[n]+eps))/C)",
    ),
    (
        "layernorm",
        "dL/dx[n,c] = (C*w[c]*g[n,c] - (sum[j] w[j]*g[n,j]) - (x[n,c]-m[n])*(sum[j] w[j]"
        "*g[n,j]*(x[n,j]-m[n]))/(v[n]+eps))/(C*sqrt(v[n]+eps))",
    ),
    ("layernorm", "dL/dw[c] = sum[n] g[n,c]*(x[n,c]-m[n])/sqrt(v[n]+eps)"),
    (
        "instancenorm",
        "dL/dx[n,c,h,u] = w[c]/sqrt(v[n,c]+eps)*(g[n,c,h,u] - (sum[b,d] g[n,c,b,d])/(H*W) - "
        "(x[n,c,h,u]-m[n,c])/(v[n,c]+eps)*(sum[b,d] g[n,c,b,d]*(x[n,c,b,d]-m[n,c]))/(H*W))",
    ),
    (
        "groupnorm",
        "dL/dx[n,c,h,u] = 1/sqrt(v[n,c//(C//G)]+eps)*(w[c]*g[n,c,h,u] - (sum[e<C//G,r,t]"
        " w[c//(C//G)*(C//G)+e]*g[n,c//(C//G)*(C//G)+e,r,t])/((C//G)*H*W) - "
        "(x[n,c,h,u]-m[n,c//(C//G)])/(v[n,c//(C//G)]+eps)*(sum[e<C//G,r,t] w[c//(C//G)*"
        "(C//G)+e]*g[n,c//(C//G)*(C//G)+e,r,t]*(x[n,c//(C//G)*(C//G)+e,r,t]-m[n,c//"
        "(C//G)]))/((C//G)*H*W))",
    ),
    (
        "rmsnorm",
        "dL/dx[n,c] = w[c]*g[n,c]/sqrt(q[n]+eps) - x[n,c]*(sum[j] w[j]*g[n,j]*x[n,j])/(C*"
        "(q[n]+eps)^(3/2))",
    ),
    (
        "rmsnorm",
        "dL/dx[n,c] = (w[c]*g[n,c] - x[n,c]/(q[n]+eps)*(sum[j] w[j]*g[n,j]*x[n,j])/C)/sqrt"
        "(q[n]+eps)",
    ),
    (
        "rmsnorm",
        "dL/dx[n,c] = (q[n]+eps)^(-1/2)*(w[c]*g[n,c] - x[n,c]*(sum[j] g[n,j]*y[n,j])/(C*sqrt"
        "(q[n]+eps)))",
    ),
    ("rmsnorm", "dL/dw[c] = sum[n] g[n,c]*x[n,c]/sqrt(q[n]+eps)"),
    (
        "lrn",
        "dL/dx[n,c,h,w] = g[n,c,h,w]*q[n,c,h,w]^(-beta) - 2*alpha*beta/5*x[n,c,h,w]*(sum[j]"
        " [-2 <= c-j <= 2]*g[n,j,h,w]*y[n,j,h,w]/q[n,j,h,w])",
    ),
    (
        "lrn",
        "dL/dx[n,c,h,w] = g[n,c,h,w]*q[n,c,h,w]^(-beta) - 2*alpha*beta/5*x[n,c,h,w]*(sum[j]"
        " [-2 <= c-j <= 2]*g[n,j,h,w]*x[n,j,h,w]*q[n,j,h,w]^(-beta-1))",
    ),
    (
        "lrn",
        "dL/dx[n,c,h,w] = g[n,c,h,w]/q[n,c,h,w]^beta - 2*alpha*beta/5*x[n,c,h,w]*(sum[j<5]"
        " [0<=c+j-2<C]*g[n,c+j-2,h,w]*y[n,c+j-2,h,w]/q[n,c+j-2,h,w])",
    ),
    ("attention", "dL/dv[j,e] = sum[i] p[i,j]*g[i,e]"),
    (
        "attention",
        "dL/dq[i,d] = (sum[j] p[i,j]*((sum[e] g[i,e]*v[j,e]) - (sum[l] p[i,l]*(sum[e] g[i,e]"
        "*v[l,e])))*k[j,d])/sqrt(D)",
    ),
    (
        "attention",
        "dL/dq[i,d] = (sum[j] p[i,j]*((sum[e] g[i,e]*v[j,e]) - (sum[e] g[i,e]*y[i,e]))"
        "*k[j,d])/sqrt(D)",
    ),
    (
        "attention",
        "dL/dk[j,d] = (sum[i] p[i,j]*((sum[e] g[i,e]*v[j,e]) - (sum[e] g[i,e]*y[i,e]))"
        "*q[i,d])/sqrt(D)",
    ),
    (
        "causal attention",
        "dL/dq[i,d] = (sum[j] p[i,j]*((sum[e] g[i,e]*v[j,e]) - (sum[e] g[i,e]*y[i,e]))"
        "*k[j,d])/sqrt(D)",
    ),
    (
        "causal attention",
        "dL/dk[j,d] = (sum[i] p[i,j]*((sum[e] g[i,e]*v[j,e]) - (sum[e] g[i,e]*y[i,e]))"
        "*q[i,d])/sqrt(D)",
    ),
    ("causal attention", "dL/dv[j,e] = sum[i] p[i,j]*g[i,e]"),
    ("l2 normalisation", "dL/dx[n,c] = (g[n,c] - y[n,c]*(sum[j] g[n,j]*y[n,j]))/q[n]"),
    (
        "l2 normalisation",
        "dL/dx[n,c] = g[n,c]/sqrt(sum[j] x[n,j]^2) - x[n,c]*(sum[j] g[n,j]*x[n,j])/(sum[j]"
        " x[n,j]^2)^(3/2)",
    ),
    (
        "l2 normalisation at once",
        "dL/dx[n,c] = (g[n,c] - y[n,c]*(sum[j] g[n,j]*y[n,j]))/sqrt(sum[j] x[n,j]^2)",
    ),
    ("shifted softmax", "y[n,c] = exp(x[n,c])/(sum[j] exp(x[n,j]))"),
    ("logsumexp", "dL/dx[n,c] = g[n]*exp(x[n,c])/(sum[j] exp(x[n,j]))"),
    ("logsumexp", "dL/dx[n,c] = g[n]*exp(x[n,c]-y[n])"),
    ("lp_pool", "dL/dx[n,c,h] = [h < 2*(H//2)]*g[n,c,h//2]*x[n,c,h]/y[n,c,h//2]"),
    (
        "batchnorm",
        "dL/dx[n,c,h,u] = w[c]/sqrt(v[c]+eps)*(g[n,c,h,u] - (sum[a,b,d] (g[a,c,b,d] +"
        " xhat[n,c,h,u]*g[a,c,b,d]*xhat[a,c,b,d]))/(N*H*W))",
    ),
    (
        "layernorm",
        "dL/dx[n,c] = (w[c]*g[n,c] - (sum[j] w[j]*g[n,j])/C - xhat[n,c]*(sum[j] w[j]*g[n,j]"
        "*xhat[n,j])/C)/sqrt(v[n]+eps)",
    ),
    (
        "layernorm",
        "dL/dx[n,c] = (w[c]*g[n,c] - (sum[j] (w[j]*g[n,j] + xhat[n,c]*w[j]*g[n,j]"
        "*xhat[n,j]))/C)*(v[n]+eps)^(-1/2)",
    ),
    ("layernorm", "dL/dw[c] = sum[n] g[n,c]*xhat[n,c]"),
]

WRONG: list[tuple[str, str]] = [
    ("softmax", "dL/dx[n,c] = y[n,c]*(g[n,c] - sum[j] g[n,j])"),
    ("softmax", "dL/dx[n,c] = g[n,c]*y[n,c]*(1-y[n,c])"),
    ("softmax", "dL/dx[n,c] = y[n,c]*(g[n,c] + sum[j] g[n,j]*y[n,j])"),
    ("softmax", "dL/dx[n,c] = y[n,c]*(g[n,c] - sum[j] g[n,j]*y[n,j]^2)"),
    ("log_softmax", "dL/dx[n,c] = g[n,c] - y[n,c]*(sum[j] g[n,j])"),
    ("log_softmax", "dL/dx[n,c] = g[n,c] - exp(x[n,c])*(sum[j] g[n,j])"),
    ("sigmoid", "dL/dx[n,c] = g[n,c]*y[n,c]*(1+y[n,c])"),
    ("sigmoid", "dL/dx[n,c] = g[n,c]*x[n,c]*(1-x[n,c])"),
    ("sigmoid", "dL/dx[n,c] = g[n,c]*exp(x[n,c])/(1+exp(-x[n,c]))^2"),
    ("tanh", "dL/dx[n,c] = g[n,c]*(1-y[n,c])^2"),
    ("tanh", "dL/dx[n,c] = g[n,c]*(1-x[n,c]^2)"),
    ("silu", "dL/dx[n,c] = g[n,c]*sigmoid(x[n,c])*(1+x[n,c]*sigmoid(x[n,c]))"),
    ("silu", "dL/dx[n,c] = g[n,c]*sigmoid(x[n,c])"),
    ("softplus", "dL/dx[n,c] = g[n,c]*sigmoid(x[n,c])"),
    ("softplus", "dL/dx[n,c] = g[n,c]*beta*sigmoid(beta*x[n,c])"),
    ("gelu", "dL/dx[n,c] = g[n,c]*((1+erf(x[n,c]/sqrt(2)))/2 + x[n,c]*exp(-x[n,c]^2/2)/sqrt(pi))"),
    ("gelu", "dL/dx[n,c] = g[n,c]*((1+erf(x[n,c]))/2 + x[n,c]*exp(-x[n,c]^2/2)/sqrt(2*pi))"),
    ("elu", "dL/dx[n,c] = if x[n,c] > 0 then g[n,c] else g[n,c]*y[n,c]"),
    ("elu", "dL/dx[n,c] = if x[n,c] > 0 then g[n,c] else g[n,c]*exp(x[n,c])"),
    ("elu", "dL/dx[n,c] = if x[n,c] >= 0 then g[n,c] else g[n,c]*alpha*exp(x[n,c])"),
    ("cross_entropy", "dL/dx[n,c] = g*(exp(x[n,c])/(sum[j] exp(x[n,j])) - [t[n]==c])"),
    ("cross_entropy", "dL/dx[n,c] = g*(exp(x[n,c])/(sum[j] exp(x[n,j])) - [t[n]==c])/(N*C)"),
    ("cross_entropy", "dL/dx[n,c] = g*exp(x[n,c])/(sum[j] exp(x[n,j]))/N"),
    ("cross_entropy", "dL/dx[n,c] = g*(exp(x[n,c])/(sum[m,j] exp(x[m,j])) - [t[n]==c])/N"),
    ("mse", "dL/dx[n,c] = g*(x[n,c]-t[n,c])/(N*C)"),
    ("mse", "dL/dx[n,c] = 2*g*(x[n,c]-t[n,c])/N"),
    ("bce", "dL/dx[n,c] = g*(sigmoid(x[n,c])-t[n,c])/N"),
    (
        "huber",
        "dL/dx[n,c] = g/(N*C)*(if x[n,c]-t[n,c] < -delta then -1 else (if delta <"
        " x[n,c]-t[n,c] then 1 else x[n,c]-t[n,c]))",
    ),
    ("huber", "dL/dx[n,c] = g/(N*C)*(if x[n,c]-t[n,c] < -delta then -delta else x[n,c]-t[n,c])"),
    (
        "batchnorm",
        "dL/dx[n,c,h,u] = w[c]*(v[c]+eps)^(-1/2)*(g[n,c,h,u] - (sum[a,b,d] g[a,c,b,d])/(N*H*W))",
    ),
    ("batchnorm", "dL/dx[n,c,h,u] = w[c]*(v[c]+eps)^(-1/2)*g[n,c,h,u]"),
    (
        "batchnorm",
        "dL/dx[n,c,h,u] = w[c]*(v[c]+eps)^(-1/2)*(g[n,c,h,u] - (sum[a,b,d] g[a,c,b,d])/(N*H"
        "*W) - (x[n,c,h,u]-m[c])/v[c]*(sum[a,b,d] g[a,c,b,d]*(x[a,c,b,d]-m[c]))/(N*H*W))",
    ),
    (
        "batchnorm",
        "dL/dx[n,c,h,u] = w[c]*(v[c]+eps)^(-1/2)*(g[n,c,h,u] - (sum[a,b,d] g[a,c,b,d])/(N*H"
        "*W) - (x[n,c,h,u]-m[c])/(v[c]+eps)*(sum[a,b,d] g[a,c,b,d]*(x[a,c,b,d]-m[c]))/(N*H"
        "*W-1))",
    ),
    (
        "batchnorm",
        "dL/dx[n,c,h,u] = w[c]*(v[c]+eps)^(-1/2)*(g[n,c,h,u] - (sum[a,b,d] g[a,c,b,d])/N - "
        "(x[n,c,h,u]-m[c])/(v[c]+eps)*(sum[a,b,d] g[a,c,b,d]*(x[a,c,b,d]-m[c]))/N)",
    ),
    (
        "batchnorm",
        "dL/dx[n,c,h,u] = w[c]/sqrt((sum[a,b,d] x[a,c,b,d]^2)/(N*H*W)+eps)*(g[n,c,h,u] - "
        "(sum[a,b,d] g[a,c,b,d])/(N*H*W) - (x[n,c,h,u]-m[c])/(v[c]+eps)*(sum[a,b,d]"
        " g[a,c,b,d]*(x[a,c,b,d]-m[c]))/(N*H*W))",
    ),
    ("batchnorm", "dL/dw[c] = sum[n,h,u] g[n,c,h,u]*x[n,c,h,u]/sqrt(v[c]+eps)"),
    ("batchnorm", "dL/dw[c] = sum[n,h,u] g[n,c,h,u]*(x[n,c,h,u]-m[c])/(v[c]+eps)"),
    ("batchnorm", "dL/dw[c] = sum[n,h,u] g[n,c,h,u]*y[n,c,h,u]"),
    (
        "layernorm",
        "dL/dx[n,c] = w[c]/sqrt(v[n]+eps)*(g[n,c] - (sum[j] g[n,j])/C - (x[n,c]-m[n])/"
        "(v[n]+eps)*(sum[j] g[n,j]*(x[n,j]-m[n]))/C)",
    ),
    (
        "layernorm",
        "dL/dx[n,c] = (w[c]*g[n,c] - (sum[j] w[j]*g[n,j])/C - y[n,c]*(sum[j] w[j]*g[n,j]"
        "*y[n,j])/C)/sqrt(v[n]+eps)",
    ),
    (
        "instancenorm",
        "dL/dx[n,c,h,u] = w[c]/sqrt(v[n,c]+eps)*(g[n,c,h,u] - (sum[a,b,d] g[a,c,b,d])/(N*H"
        "*W) - (x[n,c,h,u]-m[n,c])/(v[n,c]+eps)*(sum[b,d] g[n,c,b,d]*(x[n,c,b,d]-m[n,c]))/(H"
        "*W))",
    ),
    (
        "rmsnorm",
        "dL/dx[n,c] = w[c]*g[n,c]/sqrt(q[n]+eps) - x[n,c]*(sum[j] w[j]*g[n,j]*x[n,j])/"
        "(q[n]+eps)^(3/2)",
    ),
    ("rmsnorm", "dL/dx[n,c] = w[c]*g[n,c]/sqrt(q[n]+eps)"),
    (
        "rmsnorm",
        "dL/dx[n,c] = w[c]*(g[n,c] - x[n,c]/(q[n]+eps)*(sum[j] g[n,j]*x[n,j])/C)/sqrt(q[n]+eps)",
    ),
    (
        "lrn",
        "dL/dx[n,c,h,w] = g[n,c,h,w]*q[n,c,h,w]^(-beta) - 2*alpha*beta*x[n,c,h,w]*(sum[j]"
        " [-2 <= c-j <= 2]*g[n,j,h,w]*y[n,j,h,w]/q[n,j,h,w])",
    ),
    (
        "lrn",
        "dL/dx[n,c,h,w] = g[n,c,h,w]*q[n,c,h,w]^(-beta) - 2*alpha*beta/5*x[n,c,h,w]*(sum[j]"
        " [-2 <= c-j < 2]*g[n,j,h,w]*y[n,j,h,w]/q[n,j,h,w])",
    ),
    (
        "lrn",
        "dL/dx[n,c,h,w] = g[n,c,h,w]*q[n,c,h,w]^(-beta) - 2*alpha*beta/5*x[n,c,h,w]*(sum[j]"
        " [-2 <= c-j <= 2]*g[n,j,h,w]*y[n,j,h,w])",
    ),
    ("lrn", "dL/dx[n,c,h,w] = g[n,c,h,w]*q[n,c,h,w]^(-beta)"),
    (
        "attention",
        "dL/dq[i,d] = sum[j] p[i,j]*((sum[e] g[i,e]*v[j,e]) - (sum[e] g[i,e]*y[i,e]))*k[j,d]",
    ),
    ("attention", "dL/dq[i,d] = (sum[j] p[i,j]*(sum[e] g[i,e]*v[j,e])*k[j,d])/sqrt(D)"),
    ("attention", "dL/dv[j,e] = sum[i] p[j,i]*g[i,e]"),
    (
        "attention",
        "dL/dk[j,d] = (sum[i] p[i,j]*((sum[e] g[i,e]*v[j,e]) - (sum[e] g[i,e]*y[i,e]))"
        "*q[j,d])/sqrt(D)",
    ),
    ("lp_pool", "dL/dx[n,c,h] = g[n,c,h//2]*x[n,c,h]*y[n,c,h//2]"),
    ("lp_pool", "dL/dx[n,c,h] = g[n,c,h//2]*x[n,c,h]/y[n,c,h//2]^2"),
    ("l2 normalisation", "dL/dx[n,c] = (g[n,c] - y[n,c]*(sum[j] g[n,j]*x[n,j]))/q[n]"),
    ("l2 normalisation", "dL/dx[n,c] = g[n,c]/q[n]"),
    ("sigmoid written out", "dL/dx[i] = g[i]*y[i]"),
    ("logsumexp", "dL/dx[n,c] = g[n]*exp(x[n,c])"),
    ("softmax", "dL/dx[n,c] = y[n,c]*(g[n,c] - (sum[j] g[n,j]*y[n,j])/C)"),
    ("log_softmax", "dL/dx[n,c] = g[n,c] - exp(y[n,c])"),
    ("batchnorm", "dL/dx[n,c,h,u] = w[c]*xhat[n,c,h,u]*g[n,c,h,u]"),
    ("causal attention", "dL/dv[j,e] = sum[i] [j < i]*p[i,j]*g[i,e]"),
    ("l2 normalisation", "dL/dx[n,c] = (g[n,c] - y[n,c]*(sum[j] g[n,j]*y[n,j]))/q[n]^2"),
]


def _of_table() -> Iterator[tuple[str, str]]:
    """The lines of the table beside this file: a word, and what it says."""
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").replace("\n  ", " ")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield word, rest


def _take_table() -> None:
    name = ""
    for word, text in _of_table():
        if word in ("layer", "named"):
            name = text.partition("(")[0]
            LAYERS[name] = (text, {}) if word == "named" else text
        else:
            (RIGHT if word == "right" else WRONG).append((name, text))


_take_table()


@cache
def layer(name: str) -> Layer:
    """A layer of the table."""
    built = LAYERS[name]
    return derive.parse(built) if isinstance(built, str) else derive.layer(built[0], **built[1])
